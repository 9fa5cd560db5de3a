// SPDX-License-Identifier: Apache-2.0
// The edits of a change, applied to the nodes of a map: who is a member, with what weight, in what
// zone.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/rebalance/plan.h"

namespace quorumcache::rebalance {

// What the edits make of the map's nodes; slots are untouched, so that no index changes.
struct EditedNodes {
  std::vector<topology::Node> nodes;
  std::vector<topology::NodeIndex> removes;
  // Not to be copied from.
  std::vector<topology::NodeIndex> dead;
  // Dead ones that come back with an empty disk.
  std::vector<topology::NodeIndex> reborn;
  std::vector<topology::NodeWeight> weights_on_abort;
  std::string summary;
};

// Errors: as MakePlan.
absl::StatusOr<EditedNodes> ApplyEdits(const topology::ClusterMap& map,
                                       const ChangeRequest& request);

}  // namespace quorumcache::rebalance
