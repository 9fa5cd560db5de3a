// SPDX-License-Identifier: Apache-2.0
// SolvePlacement: turns one placement into a balanced one by moving as few replicas as possible.
//
// A minimum-cost flow through PlacementGraph by successive shortest paths (Ahuja, Magnanti, Orlin,
// "Network Flows", 1993, chapter 9). It starts from the old placement, which costs nothing but
// breaks bounds; each path mends one fault at the least price. So the number of moves is exactly
// minimal, and a valid placement is found whenever fair_share.h says that there is one.
#pragma once

#include "common/topology/fair_share.h"
#include "common/topology/placement_graph.h"

namespace quorumcache::topology {

// The new placement: N nodes a partition, every node and zone within its bounds. Deterministic: the
// same arguments give the same result on every machine. Requires: `shares` were computed for
// `request`; `old_holders` as PlacementGraph takes them. O(nodes * P * N) a round, a handful of
// rounds.
HolderSets SolvePlacement(const ShareRequest& request, const FairShares& shares,
                          const HolderSets& old_holders);

}  // namespace quorumcache::topology
