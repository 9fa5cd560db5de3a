// SPDX-License-Identifier: Apache-2.0
// LatencyRecorder: percentiles of many durations in little memory.
//
// Log-linear buckets: 32 a power of two, so a percentile is at most 3 % above the truth (Tene,
// "HdrHistogram", 2012).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace quorumcache::cli {

// Thread-compatible. An Add is a few instructions.
class LatencyRecorder {
 public:
  // Negative ones count as 0.
  void AddNanos(int64_t nanos);
  void Clear() { *this = LatencyRecorder(); }

  uint64_t count() const { return count_; }
  // The least bound that a share `fraction` of the durations does not exceed; 0 where there are
  // none. Requires: 0 < fraction <= 1.
  absl::Duration Percentile(double fraction) const;

 private:
  static constexpr int kSubBuckets = 32;
  static size_t BucketOf(uint64_t nanos);
  // The largest value of the bucket.
  static uint64_t UpperBound(size_t bucket);

  std::array<uint64_t, 60 * kSubBuckets> buckets_{};
  uint64_t count_ = 0;
};

}  // namespace quorumcache::cli
