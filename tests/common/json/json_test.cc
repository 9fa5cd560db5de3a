// SPDX-License-Identifier: Apache-2.0
#include "common/json/json.h"

#include "gtest/gtest.h"

namespace quorumcache::json {
namespace {

TEST(IsUtf8Test, EveryLengthOfSequenceIsText) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8(absl::string_view("a\0b", 3)));
  EXPECT_TRUE(IsUtf8("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"));
  EXPECT_TRUE(IsUtf8("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"));
}

TEST(IsUtf8Test, WhatTheStandardForbidsIsNotText) {
  // A lone tail, a missing tail, overlong forms, a surrogate, above U+10FFFF, no lead byte at all.
  for (const char* wrong :
       {"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xA0\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(IsUtf8(wrong)) << Printable(wrong);
  }
}

TEST(PrintableTest, OddBytesAreEscapedAndLongTextIsCut) {
  EXPECT_EQ(Printable("a\x01\xFF"), "a\\x01\\xff");
  EXPECT_EQ(Printable(std::string(100, 'k')), std::string(64, 'k') + "...");
}

}  // namespace
}  // namespace quorumcache::json
