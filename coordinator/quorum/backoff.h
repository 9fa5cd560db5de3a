// SPDX-License-Identifier: Apache-2.0
// How long a coordinator waits before it competes again for a key it has lost.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/model/hlc.h"

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

// How long one that wrote with a cached ballot waits when a Prepare has taken it away: 2 to 4
// rounds. The other needs one more round to use what it has been promised, and some more writes
// make the change of hands worth its price. Who took back at once would refuse the other's Accept.
inline absl::Duration YieldDelay(absl::Duration round, base::Random* random) {
  return std::clamp(round, kBackoffMin, kBackoffUnitMax) * (2 + 2 * random->Fraction());
}

// A clock reading for a Prepare that was refused before: above what the winner, which raises the
// promise with every write by cached ballots, will have reached when the Prepare arrives. Some
// rounds ahead of the wall; and where the winner's clock is there already, and so only counts, some
// hundred counts. So the lead does not grow. Without it two of three Prepares came too late.
inline constexpr uint64_t kOvertakeMs = 4;
inline constexpr uint64_t kOvertakeCounts = 256;
inline uint64_t OvertakingHlc(uint64_t last, uint64_t wall_ms) {
  return std::max(last + kOvertakeCounts, model::HlcFromMillis(wall_ms + kOvertakeMs));
}

}  // namespace quorumcache::quorum
