// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/latency_histogram.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace quorumcache::metrics {
namespace {

// Observations in each bucket alone, +Inf last.
std::vector<uint64_t> Counts(const LatencyHistogram& histogram) {
  const prometheus::ClientMetric::Histogram read = histogram.Read();
  std::vector<uint64_t> counts;
  uint64_t below = 0;
  for (const auto& bucket : read.bucket) {
    counts.push_back(bucket.cumulative_count - below);
    below = bucket.cumulative_count;
  }
  counts.push_back(read.sample_count - below);
  return counts;
}

TEST(LatencyHistogramTest, BoundsAre50MicrosecondsTo5SecondsIn1To2Point5To5Steps) {
  const auto read = LatencyHistogram(Writers::kOne).Read();

  ASSERT_EQ(read.bucket.size(), 16u);
  EXPECT_DOUBLE_EQ(read.bucket.front().upper_bound, 50e-6);
  EXPECT_DOUBLE_EQ(read.bucket.back().upper_bound, 5.0);
  for (size_t i = 1; i < read.bucket.size(); ++i) {
    const double step = read.bucket[i].upper_bound / read.bucket[i - 1].upper_bound;
    EXPECT_TRUE(step > 1.99 && step < 2.51) << i;
  }
}

TEST(LatencyHistogramTest, ObservationFallsIntoTheFirstBucketThatHoldsIt) {
  for (size_t bound = 0; bound < LatencyHistogram::kBoundsNanos.size(); ++bound) {
    LatencyHistogram histogram(Writers::kOne);

    histogram.ObserveNanos(LatencyHistogram::kBoundsNanos[bound]);
    histogram.ObserveNanos(LatencyHistogram::kBoundsNanos[bound] + 1);

    const std::vector<uint64_t> counts = Counts(histogram);
    EXPECT_EQ(counts[bound], 1u) << bound;
    EXPECT_EQ(counts[bound + 1], 1u) << bound;
  }
}

TEST(LatencyHistogramTest, NegativeLatencyCountsAsNothingAndHugeOnesAsInfinite) {
  LatencyHistogram histogram(Writers::kOne);

  histogram.Observe(-absl::Seconds(1));
  histogram.ObserveNanos(std::numeric_limits<int64_t>::max() / 2);

  EXPECT_EQ(Counts(histogram).front(), 1u);
  EXPECT_EQ(Counts(histogram).back(), 1u);
}

TEST(LatencyHistogramTest, SumIsInSeconds) {
  LatencyHistogram histogram(Writers::kMany);

  histogram.Observe(absl::Milliseconds(250));
  histogram.Observe(absl::Milliseconds(500));

  EXPECT_DOUBLE_EQ(histogram.Read().sample_sum, 0.75);
}

TEST(LatencyHistogramTest, ManyWritersLoseNothing) {
  LatencyHistogram histogram(Writers::kMany);
  constexpr int kThreads = 12, kEach = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) histogram.Observe(absl::Microseconds(j % 200));
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(histogram.count(), uint64_t{kThreads} * kEach);
}

TEST(LatencyHistogramTest, OneWriterMayBeReadMeanwhile) {
  LatencyHistogram histogram(Writers::kOne);
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) histogram.Observe(absl::Microseconds(10));
  });
  uint64_t last = 0;
  while (last < 20'000) {
    const uint64_t now = histogram.count();
    EXPECT_GE(now, last);
    last = now;
  }
  writer.join();
}

}  // namespace
}  // namespace quorumcache::metrics
