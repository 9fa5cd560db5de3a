// SPDX-License-Identifier: Apache-2.0
#include "common/http/header_check.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace quorumcache::http {
namespace {

constexpr HeaderCheck::Limits kLimits = {.header_bytes_max = 1024, .target_bytes_max = 256};

TEST(HeaderCheckTest, HeadEndsAtTheEmptyLineHoweverItIsCut) {
  const std::string head = "GET /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n";
  const std::string data = head + "GET /b HTTP/1.1\r\n";

  for (size_t first = 0; first <= data.size(); ++first) {
    HeaderCheck check(kLimits);
    ASSERT_FALSE(check.Feed(data.substr(0, first)).has_value()) << first;
    EXPECT_EQ(check.complete(), first >= head.size()) << first;
    ASSERT_FALSE(check.Feed(data).has_value()) << first;
    EXPECT_EQ(check.head_size(), head.size());
    EXPECT_TRUE(check.expects_continue());
  }
}

TEST(HeaderCheckTest, ErrorIsFoundAtItsLineNotAtTheEnd) {
  HeaderCheck check(kLimits);

  const auto error = check.Feed("GET /a HTTP/1.1\r\nContent-Length: x\r\n");

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->status, 400);
}

TEST(HeaderCheckTest, UnfinishedLineOverTheLimitIsFoundBeforeItEnds) {
  HeaderCheck in_target(kLimits);
  HeaderCheck in_fields(kLimits);

  EXPECT_EQ(in_target.Feed(absl::StrCat("GET /", std::string(400, 'a')))->status, 414);
  EXPECT_EQ(in_fields.Feed(absl::StrCat("GET / HTTP/1.1\r\nA: ", std::string(1100, 'a')))->status,
            431);
}

TEST(HeaderCheckTest, WorkIsLinearInTheSizeOfTheHead) {
  // One byte at a time over a full head: a scan from the start each time would look at 32 MB.
  HeaderCheck check({.header_bytes_max = 16 * 1024, .target_bytes_max = 16 * 1024});
  const std::string data =
      absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nA: ", std::string(8000, 'a'), "\r\n\r\n");

  for (size_t size = 1; size <= data.size(); ++size) {
    ASSERT_FALSE(check.Feed(absl::string_view(data).substr(0, size)).has_value());
  }

  EXPECT_TRUE(check.complete());
}

}  // namespace
}  // namespace quorumcache::http
