// SPDX-License-Identifier: Apache-2.0
// LatencyEstimator: how long one replica takes to answer, lately: mean and 99th percentile.
//
// Hedged reads wait for a replica's p99 before they ask another one. A histogram with four buckets
// an octave (error below 19 %) whose counts are halved every kDecaySamples samples, so that the
// past fades and one slow second does not count for ever. Pure; O(1) a sample.
#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace quorumcache::rpc {

// Thread-compatible.
class LatencyEstimator {
 public:
  void Add(absl::Duration latency);

  // Of the recent samples; zero before the first.
  absl::Duration mean() const { return absl::Nanoseconds(mean_nanos_); }
  // `fallback` until there were kSamplesMin samples. Recomputed every 64 samples, rounded up to a
  // bucket.
  absl::Duration P99(absl::Duration fallback) const {
    return total_ < kSamplesMin ? fallback : p99_;
  }

 private:
  static constexpr int kOctaves = 27;  // from 1 us to over a minute
  static constexpr int kBucketCount = kOctaves * 4;
  static constexpr uint32_t kSamplesMin = 100;  // fewer say nothing about one in a hundred
  static constexpr uint32_t kDecaySamples = 4096;
  static constexpr uint32_t kRecomputeSamples = 64;

  static int BucketOf(int64_t micros);
  void Recompute();

  std::array<uint32_t, kBucketCount> counts_{};
  uint32_t total_ = 0;
  uint32_t until_recompute_ = kRecomputeSamples;
  int64_t mean_nanos_ = 0;
  absl::Duration p99_;
};

}  // namespace quorumcache::rpc
