// SPDX-License-Identifier: Apache-2.0
// The placement planner: which nodes should hold each partition.
//
// Given a map whose nodes, weights or zones have changed, it says where every replica should be: N
// distinct nodes, in distinct zones where there are enough of them (otherwise spread as evenly as N
// allows), every node within one partition of its weighted fair share as far as zones allow, and
// the fewest replicas moved that this takes. It only plans: publishing the moves one slot at a time
// is coordinator/rebalance's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/limits.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology {

// Index = partition, then slot: the node that should hold it.
using Placement = std::vector<absl::InlinedVector<NodeIndex, 3>>;

// Where `map`'s replicas should be, by its nodes as they are now; a node with weight 0 gets none
// (drain or replace it so), a new one is one that no slot names. A replica that stays keeps its
// slot. Entries without slots are placed from nothing. Deterministic. FAILED_PRECONDITION: a slot
// is moving or vacant (one change at a time), or fewer than N nodes have a weight. Requires: `map`
// is valid but for entries without slots.
absl::StatusOr<Placement> PlanPlacement(const ClusterMap& map);

// One replica that has to be copied.
struct Move {
  uint32_t partition = 0;
  uint8_t slot = 0;
  NodeIndex from = kNoNode;
  NodeIndex to = kNoNode;
  friend bool operator==(const Move&, const Move&) = default;
};

// What takes `map` to `placement`, by partition and slot. Requires: `map` is settled, sizes agree.
std::vector<Move> MovesTo(const ClusterMap& map, const Placement& placement);

struct NewCluster {
  std::string cluster_id;
  uint32_t replication_factor = 3;
  // A power of two; fixed for the cluster's life.
  uint32_t partition_count = limits::kPartitionsDefault;
  std::vector<Node> nodes = {};
  // "default" is added, with QUORUM, where it is missing.
  std::vector<Namespace> namespaces = {};
};

// The map of a new cluster: epoch 1, placed, valid. INVALID_ARGUMENT or FAILED_PRECONDITION, saying
// why not.
absl::StatusOr<ClusterMap> MakeFirstMap(const NewCluster& cluster);

}  // namespace quorumcache::topology
