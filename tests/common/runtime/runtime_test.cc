// SPDX-License-Identifier: Apache-2.0
// The small parts of common/runtime: clock, random bits, suggestions, log levels, version.
#include <gtest/gtest.h>

#include <set>

#include "common/runtime/logging.h"
#include "common/runtime/random_bits.h"
#include "common/runtime/real_clock.h"
#include "common/runtime/suggest.h"
#include "common/runtime/version.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::runtime {
namespace {

using support::IsOk;
using support::StatusIs;

TEST(RealClockTest, MonotonicTimeDoesNotGoBack) {
  const RealClock clock;
  base::Now before = clock.Read();
  for (int i = 0; i < 1000; ++i) {
    const base::Now after = clock.Read();
    EXPECT_LE(before.monotonic, after.monotonic);
    before = after;
  }
  // 2020: wall_ms is milliseconds since 1970, and not seconds or microseconds.
  EXPECT_GT(before.wall_ms, 1'577'836'800'000u);
  EXPECT_LT(before.wall_ms, 1'577'836'800'000u * 10);
}

TEST(RandomBitsTest, DrawsAreDistinctAndNeverZero) {
  std::set<uint64_t> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(RandomNonZero64());
  EXPECT_EQ(drawn.size(), 1000u);
  EXPECT_EQ(drawn.count(0), 0u);
}

TEST(SuggestTest, EditDistanceCountsLetters) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("list", "lits"), 1u);
  EXPECT_EQ(EditDistance("abc", "cab"), 2u);
}

TEST(SuggestTest, OnlyNearWordsAreSuggested) {
  EXPECT_EQ(Nearest("lisen", {"listen", "level"}), "listen");
  EXPECT_EQ(Nearest("gte", {"set", "get"}), "get");
  EXPECT_EQ(Nearest("xyz", {"listen", "level"}), "");
  EXPECT_EQ(Nearest("ab", {"cd"}), "");
}

TEST(LoggingTest, LevelsAreChecked) {
  EXPECT_THAT(CheckLogLevel("warning"), IsOk());
  EXPECT_THAT(CheckLogLevel("loud"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(VersionTest, HasThreeNumbers) {
  EXPECT_THAT(std::string(Version()), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace quorumcache::runtime
