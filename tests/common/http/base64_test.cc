// SPDX-License-Identifier: Apache-2.0
#include "common/http/base64.h"

#include "gtest/gtest.h"

namespace quorumcache::http {
namespace {

TEST(Base64Test, VectorsOfRfc4648) {
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64Decode("Zg=="), "f");
  EXPECT_EQ(Base64Decode("Zm9vYmFy"), "foobar");
}

TEST(Base64Test, EveryByteSurvivesBothAlphabets) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));

  EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes);
  EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(bytes)), bytes);
}

TEST(Base64Test, UrlFormTakesPaddingOrNone) {
  EXPECT_EQ(Base64UrlEncode("f"), "Zg");
  EXPECT_EQ(Base64UrlDecode("Zg"), "f");
  EXPECT_EQ(Base64UrlDecode("Zg=="), "f");
  EXPECT_EQ(Base64UrlDecode(""), "");
}

TEST(Base64Test, WrongPaddingIsRefused) {
  for (const char* wrong : {"Zg=", "Zm8==", "=", "Zm9v=", "Zm9v===="}) {
    EXPECT_EQ(Base64UrlDecode(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(Base64Decode("Zg"), std::nullopt);
}

TEST(Base64Test, SecondTextForTheSameBytesIsRefused) {
  // "Zh" has a stray low bit, the others white space or the other alphabet.
  for (const char* other : {"Zh", " Zg", "Zg\n", "Z g", "+/+/"}) {
    EXPECT_EQ(Base64UrlDecode(other), std::nullopt) << other;
  }
  EXPECT_EQ(Base64Decode("-_-_"), std::nullopt);
}

}  // namespace
}  // namespace quorumcache::http
