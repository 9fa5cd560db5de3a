// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/backoff.h"

#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::quorum {
namespace {

constexpr absl::Duration kRound = absl::Milliseconds(2);

TEST(BackoffTest, StaysWithinThreeRounds) {
  base::Random random(support::TestSeed());
  for (uint32_t attempt = 0; attempt < 100; ++attempt) {
    const absl::Duration delay = BackoffDelay(attempt, kRound, &random);
    EXPECT_GE(delay, absl::ZeroDuration());
    EXPECT_LT(delay, 3 * kRound) << attempt;
  }
}

TEST(BackoffTest, FirstLookIsAtOnce) {
  base::Random random(support::TestSeed());
  EXPECT_EQ(BackoffDelay(0, kRound, &random), absl::ZeroDuration());
}

TEST(BackoffTest, RoundsBeyondTheBoundsCountAsTheBounds) {
  base::Random random(support::TestSeed());
  absl::Duration most;
  for (int i = 0; i < 1'000; ++i) {
    most = std::max(most, BackoffDelay(1, absl::ZeroDuration(), &random));
    EXPECT_LT(BackoffDelay(1, absl::Seconds(5), &random), kBackoffUnitMax);
  }
  EXPECT_GT(most, kBackoffMin / 2);
  EXPECT_LT(most, kBackoffMin);
}

TEST(BackoffTest, GrowsOnAverage) {
  base::Random random(support::TestSeed());
  absl::Duration early, late;
  for (int i = 0; i < 1'000; ++i) {
    early += BackoffDelay(1, kRound, &random);
    late += BackoffDelay(6, kRound, &random);
  }
  EXPECT_GT(late, 2 * early);
}

TEST(BackoffTest, TwoCompetitorsPart) {
  base::Random random(support::TestSeed());
  int equal = 0;
  for (int i = 0; i < 1'000; ++i) {
    equal += BackoffDelay(3, kRound, &random) == BackoffDelay(3, kRound, &random);
  }
  EXPECT_LT(equal, 10);
}

TEST(BackoffTest, WhoHadTheKeyLetsTheOtherFinish) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 1'000; ++i) {
    const absl::Duration delay = YieldDelay(kRound, &random);
    EXPECT_GE(delay, 2 * kRound);
    EXPECT_LT(delay, 4 * kRound);
  }
  EXPECT_LT(YieldDelay(absl::Seconds(5), &random), 4 * kBackoffUnitMax);
}

TEST(BackoffTest, AnOvertakingBallotIsAheadOfTheWallAndOfTheWinnersCount) {
  const uint64_t last = model::HlcFromMillis(1'000) + 3;
  EXPECT_EQ(OvertakingHlc(last, 1'000), model::HlcFromMillis(1'000 + kOvertakeMs));
  EXPECT_EQ(OvertakingHlc(last, 990), last + kOvertakeCounts);
}

TEST(BackoffTest, OvertakingAgainAndAgainDoesNotRunAway) {
  const uint64_t wall_ms = 5'000;
  uint64_t last = model::HlcFromMillis(wall_ms);
  for (int i = 0; i < 100; ++i) last = OvertakingHlc(last, wall_ms);
  EXPECT_LT(last, model::HlcFromMillis(wall_ms + kOvertakeMs + 1));
}

}  // namespace
}  // namespace quorumcache::quorum
