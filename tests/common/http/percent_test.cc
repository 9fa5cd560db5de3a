// SPDX-License-Identifier: Apache-2.0
#include "common/http/percent.h"

#include "gtest/gtest.h"

namespace quorumcache::http {
namespace {

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(PercentTest, EveryByteSurvivesTheRoundTrip) {
  EXPECT_EQ(PercentDecode(PercentEncode(AllBytes())), AllBytes());
}

TEST(PercentTest, OnlyUnreservedCharactersStayAsTheyAre) {
  EXPECT_EQ(PercentEncode("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(PercentEncode("a/b c+d%"), "a%2Fb%20c%2Bd%25");
}

TEST(PercentTest, BothCasesOfHexDigitsAreRead) {
  EXPECT_EQ(PercentDecode("%2f%2F"), "//");
}

TEST(PercentTest, ZeroByteIsAByteLikeAnyOther) {
  EXPECT_EQ(PercentDecode("a%00b"), std::string("a\0b", 3));
}

TEST(PercentTest, PlusIsNotASpace) {
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
}

TEST(PercentTest, BrokenEncodingsAreRefused) {
  for (const char* broken : {"%", "%2", "a%", "%zz", "%2x", "%%41", "% 41"}) {
    EXPECT_EQ(PercentDecode(broken), std::nullopt) << broken;
  }
}

}  // namespace
}  // namespace quorumcache::http
