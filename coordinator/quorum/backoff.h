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
// A round that took longer waited for something else than the winner.
inline constexpr absl::Duration kBackoffUnitMax = absl::Milliseconds(8);
inline constexpr uint32_t kBackoffDoublingsMax = 2;

// Nothing for the first attempt, then uniform in [0, unit), and in [0, 3 units) from the third on;
// a unit is what the lost round took, within the bounds above.
//
// So short because competitors are coordinators, not clients (docs/PROTOCOL.md#contention): there
// are few; and because an operation whose Accept was refused must look what became of it before
// the others have made more changes than a lineage remembers. With four times as much one write in
// twenty of a contended key ended as unknown. "Full jitter" keeps competitors from meeting again
// and again: Brooker, "Exponential Backoff And Jitter", 2015.
inline absl::Duration BackoffDelay(uint32_t attempt, absl::Duration round, base::Random* random) {
  const absl::Duration unit = std::clamp(round, kBackoffMin, kBackoffUnitMax);
  const uint32_t doublings = std::min(attempt, kBackoffDoublingsMax);
  return unit * ((int64_t{1} << doublings) - 1) * random->Fraction();
}

}  // namespace quorumcache::quorum
