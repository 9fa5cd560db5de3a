// SPDX-License-Identifier: Apache-2.0
#include "cli/latency_recorder.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/base/check.h"

namespace quorumcache::cli {

size_t LatencyRecorder::BucketOf(uint64_t nanos) {
  if (nanos < kSubBuckets) return nanos;
  // The exponent, and the five bits behind the leading one.
  const int exponent = std::bit_width(nanos) - 1;
  return static_cast<size_t>(exponent - 4) * kSubBuckets + ((nanos >> (exponent - 5)) & 31);
}

uint64_t LatencyRecorder::UpperBound(size_t bucket) {
  if (bucket < kSubBuckets) return bucket;
  const int exponent = static_cast<int>(bucket / kSubBuckets) + 4;
  const uint64_t mantissa = kSubBuckets + bucket % kSubBuckets;
  return ((mantissa + 1) << (exponent - 5)) - 1;
}

void LatencyRecorder::AddNanos(int64_t nanos) {
  ++buckets_[BucketOf(static_cast<uint64_t>(std::max<int64_t>(nanos, 0)))];
  ++count_;
}

absl::Duration LatencyRecorder::Percentile(double fraction) const {
  QC_CHECK(fraction > 0 && fraction <= 1);
  const auto wanted = static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < buckets_.size() && count_ > 0; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) return absl::Nanoseconds(UpperBound(bucket));
  }
  return absl::ZeroDuration();
}

}  // namespace quorumcache::cli
