// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/latency_estimator.h"

#include <algorithm>
#include <bit>

namespace quorumcache::rpc {
namespace {

// The upper end of a bucket: four equal parts of an octave.
absl::Duration UpperBound(int bucket) {
  const int64_t octave = int64_t{1} << (bucket / 4);
  return absl::Nanoseconds(octave * 1000 + octave * 250 * (bucket % 4 + 1));
}

}  // namespace

int LatencyEstimator::BucketOf(int64_t micros) {
  if (micros < 1) return 0;
  const uint64_t value = static_cast<uint64_t>(micros);
  const int octave = std::bit_width(value) - 1;
  // The two bits behind the leading one.
  const int part =
      static_cast<int>(octave >= 2 ? value >> (octave - 2) : value << (2 - octave)) & 3;
  return std::min(octave * 4 + part, kBucketCount - 1);
}

void LatencyEstimator::Add(absl::Duration latency) {
  const int64_t nanos = std::max<int64_t>(absl::ToInt64Nanoseconds(latency), 0);
  // Weight 1/8, as TCP's smoothed round-trip time (RFC 6298).
  mean_nanos_ = mean_nanos_ == 0 ? nanos : mean_nanos_ + (nanos - mean_nanos_) / 8;
  ++counts_[BucketOf(nanos / 1000)];
  ++total_;
  if (--until_recompute_ == 0) Recompute();
}

void LatencyEstimator::Recompute() {
  until_recompute_ = kRecomputeSamples;
  uint32_t above = total_ / 100;  // samples that may lie above the percentile
  int bucket = kBucketCount - 1;
  while (bucket > 0 && counts_[bucket] <= above) above -= counts_[bucket--];
  p99_ = UpperBound(bucket);
  if (total_ < kDecaySamples) return;
  total_ = 0;
  for (uint32_t& count : counts_) total_ += count /= 2;
}

}  // namespace quorumcache::rpc
