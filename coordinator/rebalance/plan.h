// SPDX-License-Identifier: Apache-2.0
// Plans of a change of the cluster: what would move, before anybody commits to it, and the map that
// the commit publishes.
//
// A plan is a function of the map and the request alone, so plan and commit agree when the epoch is
// the same: commit makes the plan again and publishes it by compare-and-set. Where replicas should
// be is topology::PlanPlacement's, which moves as few as balance allows; how they get there one
// slot at a time is driver.h's. Protocol: docs/PROTOCOL.md#moving.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::rebalance {

struct AddNode {
  // Its incarnation is what it says itself; 0: it binds its own when it starts.
  topology::Node node;
  // Of the data directory of the node, as it says itself; empty: it has none yet.
  std::string cluster_id;
};
// Gives away all it has and stays a member, with weight 0.
struct DrainNode {
  std::string id;
};
// Gives away all it has and leaves the map.
struct RemoveNode {
  std::string id;
  // It can be copied from no more: the other slots' nodes are.
  bool is_dead = false;
};
// A dead node leaves, and another one takes its place.
struct ReplaceNode {
  std::string dead;
  // A member that holds nothing, `node->id`, or `dead` itself, whose disk is a new one.
  std::string with;
  // Set: joins as with AddNode.
  std::optional<AddNode> node;
};
struct SetWeight {
  std::string id;
  uint32_t weight = 0;
};
struct SetZone {
  std::string id;
  std::string zone;
};

using Edit = std::variant<AddNode, DrainNode, RemoveNode, ReplaceNode, SetWeight, SetZone>;

// Several at once are one change; none: only what is out of balance is put right.
struct ChangeRequest {
  std::vector<Edit> edits;
};

// Bytes of one replica of each partition, index = partition; empty: not known.
using PartitionSizes = std::vector<uint64_t>;

struct NodePlan {
  std::string id;
  uint32_t replicas_before = 0;
  uint32_t replicas_after = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  friend bool operator==(const NodePlan&, const NodePlan&) = default;
};

struct ChangePlan {
  // Of the map it was made from.
  uint64_t map_epoch = 0;
  // "add n4, drain n1".
  std::string summary;
  // What the commit publishes. Without moves it is final, and has no change in it.
  topology::ClusterMap next;
  // In the order of next.nodes. A node that holds nothing before and after is in it, too.
  std::vector<NodePlan> nodes;
  std::vector<topology::PlannedMove> moves;
  uint64_t bytes_total = 0;

  // The map would stay as it is.
  bool changes_nothing = false;
};

// NOT_FOUND: no such node. ALREADY_EXISTS: its id or address is in use. FAILED_PRECONDITION: a
// change is under way, the node belongs to another cluster. OUT_OF_RANGE: fewer than N nodes would
// be left. INVALID_ARGUMENT: malformed. Requires: `map` is valid.
absl::StatusOr<ChangePlan> MakePlan(const topology::ClusterMap& map, const ChangeRequest& request,
                                    const PartitionSizes& sizes);

// The map that gives up the change under way: slots that have not been cut over are their old
// holders' again, weights are as they were, and added nodes stay, with weight 0. What has been cut
// over stays where it is. FAILED_PRECONDITION: no change is under way, or the old copies are gone.
absl::StatusOr<topology::ClusterMap> MakeAbort(const topology::ClusterMap& map);

// For a commit: FAILED_PRECONDITION unless the map is still the one that was planned on.
absl::Status CheckEpoch(const topology::ClusterMap& map, uint64_t planned_epoch);

}  // namespace quorumcache::rebalance
