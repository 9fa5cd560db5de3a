// SPDX-License-Identifier: Apache-2.0
// The steps of a garbage round on the wire (CollectGarbage), both ends: what a round wants of one
// replica becomes a request, a replica executes it, and the answer goes back into the round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "quorumcache/internal/v1/replica.pb.h"
#include "storage_node/replica/garbage_round.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::transfer {

using replica::GarbageAction;
using GarbageActions = std::vector<GarbageAction>;

// Whether an action is about one key; many of those travel in one request.
bool IsKeyed(const GarbageAction& action);

// All for the same replica. Requires: one action, or only keyed ones.
internal::v1::CollectGarbageRequest EncodeActions(std::span<const GarbageAction> actions,
                                                  uint64_t incarnation);

// Executes one step at a replica whose clock says `wall_ms`. FAILED_PRECONDITION: another
// incarnation, epoch or partition, or a clock that is wrong; INVALID_ARGUMENT, DATA_LOSS,
// RESOURCE_EXHAUSTED (disk full), UNAVAILABLE. Keyed steps may answer the first few only, so that
// no answer gets too large: at least one.
absl::Status ExecuteStep(const internal::v1::CollectGarbageRequest& request,
                         replica::Replica& replica, uint64_t wall_ms,
                         internal::v1::CollectGarbageResponse* response);

// What has become of a request.
struct StepOutcome {
  // What the round wants next.
  GarbageActions next;
  // So many of the actions, from the front, have been answered; the others are to be asked again.
  size_t answered = 0;
};

// Gives the round the answer to `actions`. An error fails the round, with a failure_status() of
// kUnavailable where the replica could not be asked.
StepOutcome Deliver(std::span<const GarbageAction> actions, const absl::Status& status,
                    const internal::v1::CollectGarbageResponse& response,
                    replica::GarbageRound* round);

}  // namespace quorumcache::transfer
