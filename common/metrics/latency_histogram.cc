// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/latency_histogram.h"

#include <algorithm>

namespace quorumcache::metrics {
namespace {

// The same for a thread in every histogram; threads are dealt out in the order in which they first
// observe.
size_t ThreadNumber() {
  static std::atomic<size_t> next{0};
  thread_local const size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

void AddAlone(std::atomic<uint64_t>& value, uint64_t change) {
  value.store(value.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

}  // namespace

LatencyHistogram::LatencyHistogram(Writers writers)
    : writers_(writers), stripes_(new Stripe[writers == Writers::kOne ? 1 : kStripes]) {}

size_t LatencyHistogram::BucketOf(int64_t nanos) {
  // Counting the bounds below needs no branch that could be mispredicted; the compiler makes
  // vectors of it.
  size_t below = 0;
  for (int64_t bound : kBoundsNanos) below += nanos > bound ? 1 : 0;
  return below;
}

void LatencyHistogram::ObserveNanos(int64_t nanos) {
  nanos = std::max<int64_t>(nanos, 0);
  const size_t bucket = BucketOf(nanos);
  if (writers_ == Writers::kOne) {
    AddAlone(stripes_[0].counts[bucket], 1);
    AddAlone(stripes_[0].sum_nanos, static_cast<uint64_t>(nanos));
    return;
  }
  Stripe& stripe = stripes_[ThreadNumber() % kStripes];
  stripe.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  stripe.sum_nanos.fetch_add(static_cast<uint64_t>(nanos), std::memory_order_relaxed);
}

prometheus::ClientMetric::Histogram LatencyHistogram::Read() const {
  prometheus::ClientMetric::Histogram result;
  uint64_t cumulative = 0;
  const size_t stripe_count = writers_ == Writers::kOne ? 1 : kStripes;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    for (size_t stripe = 0; stripe < stripe_count; ++stripe) {
      cumulative += stripes_[stripe].counts[bucket].load(std::memory_order_relaxed);
    }
    // The serializer adds the +Inf bucket from sample_count.
    if (bucket < kBoundsNanos.size()) {
      result.bucket.push_back({.cumulative_count = cumulative,
                               .upper_bound = static_cast<double>(kBoundsNanos[bucket]) / 1e9});
    }
  }
  for (size_t stripe = 0; stripe < stripe_count; ++stripe) {
    result.sample_sum +=
        static_cast<double>(stripes_[stripe].sum_nanos.load(std::memory_order_relaxed)) / 1e9;
  }
  result.sample_count = cumulative;
  return result;
}

uint64_t LatencyHistogram::count() const {
  return Read().sample_count;
}

}  // namespace quorumcache::metrics
