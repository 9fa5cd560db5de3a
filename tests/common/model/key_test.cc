// SPDX-License-Identifier: Apache-2.0
#include "common/model/key.h"

#include <string>

#include "common/base/limits.h"
#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

TEST(KeyTest, AnyBytesMayBeAKey) {
  EXPECT_TRUE(ValidateKeyBytes("user:1").ok());
  EXPECT_TRUE(ValidateKeyBytes(absl::string_view("\0\xff\n", 3)).ok());
}

TEST(KeyTest, SizeIsBounded) {
  EXPECT_TRUE(ValidateKeyBytes(std::string(limits::kKeySizeBytesMax, 'k')).ok());
  EXPECT_EQ(ValidateKeyBytes("").code(), absl::StatusCode::kInvalidArgument);

  const absl::Status too_long = ValidateKeyBytes(std::string(limits::kKeySizeBytesMax + 1, 'k'));
  EXPECT_EQ(too_long.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(too_long.message().find("4097"), absl::string_view::npos);
}

TEST(KeyTest, NamespacesAreShortAndPlain) {
  EXPECT_TRUE(ValidateNamespaceName("default").ok());
  EXPECT_TRUE(ValidateNamespaceName("a-b_9").ok());
  EXPECT_TRUE(ValidateNamespaceName(std::string(64, 'n')).ok());
  for (const std::string& name :
       {std::string(), std::string(65, 'n'), std::string("Upper"), std::string("a b"),
        std::string("a/b"), std::string("a\0b", 3), std::string("\xc3\xa9")}) {
    EXPECT_FALSE(ValidateNamespaceName(name).ok()) << name;
  }
}

TEST(KeyTest, LogsShowAFewBytesOfAKeyAndNeverAllOfIt) {
  EXPECT_EQ(AbbreviatedKey("user:12345678901234567890"), "user:123...(25 bytes)");
  EXPECT_EQ(AbbreviatedKey("abcdef"), "abc...(6 bytes)");
  EXPECT_EQ(AbbreviatedKey("k"), "...(1 bytes)");
  EXPECT_EQ(AbbreviatedKey(""), "...(0 bytes)");
}

TEST(KeyTest, WhatLogsShowOfAKeyIsOneLineOfPrintableText) {
  EXPECT_EQ(AbbreviatedKey(std::string("\n\x1b\0\xff", 4) + "xxxx"),
            "\\n\\x1b\\x00\\xff...(8 bytes)");
}

TEST(KeyTest, NamespaceComesFirstInTheOrder) {
  EXPECT_LT((Key{"a", "z"}), (Key{"b", "a"}));
  EXPECT_LT((Key{"a", "a"}), (Key{"a", "b"}));
}

}  // namespace
}  // namespace quorumcache::model
