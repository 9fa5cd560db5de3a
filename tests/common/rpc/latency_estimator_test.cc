// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/latency_estimator.h"

#include "common/rpc/backoff.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::rpc {
namespace {

TEST(LatencyEstimatorTest, GivesTheFallbackUntilThereAreEnoughSamples) {
  LatencyEstimator estimator;

  for (int i = 0; i < 99; ++i) estimator.Add(absl::Milliseconds(1));

  EXPECT_EQ(estimator.P99(absl::Milliseconds(7)), absl::Milliseconds(7));
}

TEST(LatencyEstimatorTest, ThePercentileIsWithinAFifthOfTheTruth) {
  LatencyEstimator estimator;

  // 1 in 50 takes 10 ms, the rest 200 us.
  for (int i = 0; i < 2000; ++i) estimator.Add(absl::Microseconds(i % 50 == 0 ? 10'000 : 200));

  EXPECT_GE(estimator.P99(absl::ZeroDuration()), absl::Milliseconds(10));
  EXPECT_LE(estimator.P99(absl::ZeroDuration()), absl::Milliseconds(12));
}

TEST(LatencyEstimatorTest, RareOutliersDoNotMoveThePercentile) {
  LatencyEstimator estimator;

  for (int i = 0; i < 3000; ++i) estimator.Add(absl::Microseconds(i % 200 == 0 ? 900'000 : 200));

  EXPECT_LE(estimator.P99(absl::ZeroDuration()), absl::Microseconds(256));
}

TEST(LatencyEstimatorTest, ThePastFades) {
  LatencyEstimator estimator;

  for (int i = 0; i < 4096; ++i) estimator.Add(absl::Seconds(1));
  for (int i = 0; i < 40'000; ++i) estimator.Add(absl::Microseconds(100));

  EXPECT_LE(estimator.P99(absl::ZeroDuration()), absl::Microseconds(128));
  EXPECT_LE(estimator.mean(), absl::Microseconds(101));
}

TEST(LatencyEstimatorTest, TakesAnyDuration) {
  LatencyEstimator estimator;

  for (int i = 0; i < 200; ++i) {
    estimator.Add(absl::Hours(1));
    estimator.Add(absl::Seconds(-1));
    estimator.Add(absl::ZeroDuration());
  }

  EXPECT_GE(estimator.P99(absl::ZeroDuration()), absl::Minutes(1));
}

TEST(BackoffTest, GrowsToItsBoundAndStartsOverAfterASuccess) {
  base::Random random(support::TestSeed());
  Backoff backoff;

  absl::Duration bound = Backoff::kMin;
  for (int i = 0; i < 10; ++i) {
    const absl::Duration wait = backoff.Next(random);
    EXPECT_GE(wait, bound / 2);
    EXPECT_LE(wait, bound);
    bound = std::min(bound * 2, Backoff::kMax);
  }
  EXPECT_EQ(bound, Backoff::kMax);
  backoff.Reset();

  EXPECT_LE(backoff.Next(random), Backoff::kMin);
}

}  // namespace
}  // namespace quorumcache::rpc
