// SPDX-License-Identifier: Apache-2.0
// How long a coordinator waits before it competes again for a key it has lost.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "common/base/random.h"

namespace quorumcache::quorum {

// One round trip on a local network: a winner needs about that to finish.
inline constexpr absl::Duration kBackoffMin = absl::Microseconds(500);
// Longer would waste what the winner leaves free; 64 writers of one key still spread out over it.
inline constexpr int kBackoffDoublingsMax = 6;

// Uniform in [kBackoffMin, 2 * kBackoffMin << attempt], at most 64 ms. "Full jitter" keeps
// competitors from meeting again and again: Brooker, "Exponential Backoff And Jitter", 2015.
inline absl::Duration BackoffDelay(uint32_t attempt, base::Random* random) {
  const int doublings = std::min<uint32_t>(attempt + 1, kBackoffDoublingsMax + 1);
  const absl::Duration spread = kBackoffMin * (int64_t{1} << doublings) - kBackoffMin;
  return kBackoffMin + spread * random->Fraction();
}

}  // namespace quorumcache::quorum
