// SPDX-License-Identifier: Apache-2.0
// LatencyHistogram: how long things took, in the buckets of the product's dashboards: 50 us to 5 s
// in 1-2.5-5 steps.
//
// Observe costs a search over 16 bounds (branch-free) and two relaxed additions. With one writer
// that is all; with many, each thread has a stripe of its own, so that they do not fight over a
// cache line.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "prometheus/client_metric.h"

namespace quorumcache::metrics {

enum class Writers { kOne, kMany };

// Thread-safe, except that with Writers::kOne only one thread may call Observe.
class LatencyHistogram {
 public:
  // Upper bounds in nanoseconds, inclusive, as Prometheus counts; what is above falls into +Inf.
  static constexpr std::array<int64_t, 16> kBoundsNanos = {
      50'000,      100'000,       250'000,       500'000,      1'000'000,   2'500'000,
      5'000'000,   10'000'000,    25'000'000,    50'000'000,   100'000'000, 250'000'000,
      500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000};

  explicit LatencyHistogram(Writers writers);

  // Negative durations (a clock that stepped back) count as 0.
  void Observe(absl::Duration latency) { ObserveNanos(absl::ToInt64Nanoseconds(latency)); }
  void ObserveNanos(int64_t nanos);

  // Cumulative buckets, as Prometheus wants them.
  prometheus::ClientMetric::Histogram Read() const;
  uint64_t count() const;

 private:
  static constexpr size_t kBuckets = kBoundsNanos.size() + 1;
  // 8: more threads than that do not observe at once in our processes, and 8 x 192 bytes a series
  // is cheap.
  static constexpr size_t kStripes = 8;

  struct alignas(64) Stripe {
    std::array<std::atomic<uint64_t>, kBuckets> counts{};
    std::atomic<uint64_t> sum_nanos{0};
  };

  static size_t BucketOf(int64_t nanos);

  const Writers writers_;
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace quorumcache::metrics
