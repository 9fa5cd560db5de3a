// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/option_text.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace quorumcache::runtime {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;

TEST(OptionTextTest, DurationsNeedAUnit) {
  EXPECT_THAT(ParseDuration("250ms"), IsOkAndHolds(absl::Milliseconds(250)));
  EXPECT_THAT(ParseDuration("1h30m"), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseDuration("0"), IsOkAndHolds(absl::ZeroDuration()));
  for (const char* bad : {"", "5", "5 s", "s", "inf", "-inf", "5sec"}) {
    EXPECT_THAT(ParseDuration(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(OptionTextTest, ByteSizesKnowDecimalAndBinaryUnits) {
  EXPECT_THAT(ParseByteSize("4096"), IsOkAndHolds(4096u));
  EXPECT_THAT(ParseByteSize("64MiB"), IsOkAndHolds(uint64_t{64} << 20));
  EXPECT_THAT(ParseByteSize("64mib"), IsOkAndHolds(uint64_t{64} << 20));
  EXPECT_THAT(ParseByteSize("1GB"), IsOkAndHolds(uint64_t{1'000'000'000}));
  EXPECT_THAT(ParseByteSize("7B"), IsOkAndHolds(7u));
}

TEST(OptionTextTest, ByteSizeThatOverflowsIsRefused) {
  EXPECT_THAT(ParseByteSize("18446744073709551615"), IsOkAndHolds(~uint64_t{0}));
  for (const char* bad : {"18446744073709551616", "16777216TiB", "-1", "1.5MB", "1 MB", "MB", ""}) {
    EXPECT_THAT(ParseByteSize(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(OptionTextTest, ByteSizesReadBackAsTheSameValue) {
  for (uint64_t bytes : {uint64_t{0}, uint64_t{1}, uint64_t{1000}, uint64_t{1024}, uint64_t{1536},
                         uint64_t{64} << 20, (uint64_t{1} << 40) + 1, ~uint64_t{0}}) {
    EXPECT_THAT(ParseByteSize(FormatByteSize(bytes)), IsOkAndHolds(bytes)) << bytes;
  }
  EXPECT_EQ(FormatByteSize(uint64_t{64} << 20), "64MiB");
}

TEST(OptionTextTest, DoublesReadBackAsTheSameValue) {
  for (double value : {0.0, 0.1, 0.99, 1e-300, 123456789.25}) {
    EXPECT_THAT(ParseDouble(FormatDouble(value)), IsOkAndHolds(value));
  }
  EXPECT_THAT(ParseDouble("nan"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseDouble("1e999"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OptionTextTest, BoolsTakeTheUsualWords) {
  for (const char* yes : {"true", "YES", "on", "1"})
    EXPECT_THAT(ParseBool(yes), IsOkAndHolds(true));
  for (const char* no : {"false", "No", "off", "0"})
    EXPECT_THAT(ParseBool(no), IsOkAndHolds(false));
  EXPECT_THAT(ParseBool("maybe"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("maybe")));
}

TEST(OptionTextTest, IntegersAreWholeAndBounded) {
  EXPECT_THAT(ParseInteger("-42"), IsOkAndHolds(-42));
  for (const char* bad : {"", "1.5", "9223372036854775808", "0x10", "ten"}) {
    EXPECT_THAT(ParseInteger(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

}  // namespace
}  // namespace quorumcache::runtime
