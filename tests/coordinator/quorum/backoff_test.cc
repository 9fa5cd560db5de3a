// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/backoff.h"

#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::quorum {
namespace {

TEST(BackoffTest, StaysWithinItsBounds) {
  base::Random random(support::TestSeed());
  for (uint32_t attempt = 0; attempt < 100; ++attempt) {
    const absl::Duration delay = BackoffDelay(attempt, &random);
    EXPECT_GE(delay, kBackoffMin);
    EXPECT_LE(delay, absl::Milliseconds(64)) << attempt;
  }
}

TEST(BackoffTest, FirstWaitIsShort) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 1'000; ++i) EXPECT_LE(BackoffDelay(0, &random), 2 * kBackoffMin);
}

TEST(BackoffTest, GrowsOnAverage) {
  base::Random random(support::TestSeed());
  absl::Duration early, late;
  for (int i = 0; i < 1'000; ++i) {
    early += BackoffDelay(0, &random);
    late += BackoffDelay(6, &random);
  }
  EXPECT_GT(late, 10 * early);
}

TEST(BackoffTest, TwoCompetitorsPart) {
  base::Random random(support::TestSeed());
  int equal = 0;
  for (int i = 0; i < 1'000; ++i) equal += BackoffDelay(3, &random) == BackoffDelay(3, &random);
  EXPECT_LT(equal, 10);
}

}  // namespace
}  // namespace quorumcache::quorum
