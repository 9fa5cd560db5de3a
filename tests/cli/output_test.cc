// SPDX-License-Identifier: Apache-2.0
// Text forms: tables, bytes, JSON, progress bars.
#include "cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/error_counts.h"
#include "cli/json_text.h"
#include "cli/progress.h"

namespace quorumcache::cli {
namespace {

using testing::HasSubstr;

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(FormatTable({"A", "LONG"}, {{"wide cell", "x"}, {"é", "y"}}),
            "A          LONG\nwide cell  x\né          y\n");
}

TEST(TableTest, EmptyCellsLeaveNoSpacesAtTheEnd) {
  EXPECT_EQ(FormatTable({"A", "B"}, {{"x", ""}}), "A  B\nx\n");
}

TEST(PrintableTest, ControlCharactersAndBadUtf8AreEscaped) {
  EXPECT_EQ(Printable("plain é"), "plain é");
  EXPECT_EQ(Printable(absl::string_view("a\n\x1b[31m\0", 8)), "a\\x0a\\x1b[31m\\x00");
  EXPECT_EQ(Printable("\xff\xc3"), "\\xff\\xc3");
}

TEST(ShortenedTest, CutsBetweenCharacters) {
  EXPECT_EQ(Shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(Shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(Shortened("ééééééé", 6), "ééé...");
}

TEST(TimeTextTest, IsRfc3339WithMilliseconds) {
  EXPECT_EQ(TimeText(absl::FromUnixMillis(250)), "1970-01-01T00:00:00.250Z");
}

TEST(Utf8Test, FollowsRfc3629) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("aé€😀"));
  // Overlong, surrogate, above U+10FFFF, cut off, stray continuation.
  for (const char* bad : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf8\x88\x80\x80\x80", "\xe2\x82", "\x80", "\xf0\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(JsonTest, StringsAreEscaped) {
  EXPECT_EQ(JsonString("a\"\\\n\x01é"), "\"a\\\"\\\\\\u000a\\u0001é\"");
}

TEST(JsonTest, ObjectsKeepTheOrderOfAdding) {
  JsonObject object;
  object.AddText("b", "x").AddInteger("a", -1).AddBool("c", true).AddNumber("d", 0.5, 2);
  object.AddJson("e", JsonArray({"1", "{}"})).AddUnsigned("f", ~uint64_t{0});
  EXPECT_EQ(object.Text(),
            "{\"b\":\"x\",\"a\":-1,\"c\":true,\"d\":0.50,\"e\":[1,{}],\"f\":18446744073709551615}");
}

TEST(JsonTest, BytesThatAreNotTextBecomeBase64) {
  JsonObject text, binary;
  EXPECT_EQ(text.AddBytes("value", "é").Text(), "{\"value\":\"é\",\"encoding\":\"utf8\"}");
  EXPECT_EQ(binary.AddBytes("value", "\xff").Text(),
            "{\"value\":\"/w==\",\"encoding\":\"base64\"}");
}

TEST(JsonTest, NumbersThatJsonLacksBecomeNull) {
  JsonObject object;
  EXPECT_EQ(object.AddNumber("x", 0.0 / 0.0, 2).Text(), "{\"x\":null}");
}

TEST(ProgressTest, BarIsFilledInProportion) {
  EXPECT_THAT(ProgressBar(0, "x"), HasSubstr("[>     "));
  EXPECT_THAT(ProgressBar(0.5, "x"), HasSubstr("===============>              ]  50% x"));
  EXPECT_THAT(ProgressBar(2, ""), HasSubstr("=] 100%"));
}

TEST(ErrorCountsTest, AreGroupedByCodeAndReason) {
  ErrorCounts counts;
  counts.Add(14, "QUORUM_UNREACHABLE");
  counts.Add(14, "QUORUM_UNREACHABLE");
  counts.Add(14, "");

  EXPECT_EQ(counts.total(), 3u);
  EXPECT_EQ(counts.Json(), "{\"UNAVAILABLE\":1,\"UNAVAILABLE QUORUM_UNREACHABLE\":2}");
  EXPECT_EQ(counts.Text(), "1 UNAVAILABLE, 2 UNAVAILABLE QUORUM_UNREACHABLE");
  EXPECT_EQ(ErrorCounts().Text(), "none");
}

}  // namespace
}  // namespace quorumcache::cli
