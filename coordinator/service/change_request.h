// SPDX-License-Identifier: Apache-2.0
// What people ask for, as rebalance::MakePlan wants it, and what it plans, as people see it.
//
// Functions of their arguments: change_admin.h asks nodes and the store.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/topology/cluster_map.h"
#include "coordinator/rebalance/plan.h"
#include "coordinator/service/cluster_admin.h"
#include "coordinator/service/node_calls.h"

namespace quorumcache::service {

// What nodes have been asked for a change.
struct NodeFacts {
  // By address: those that are to join.
  std::map<std::string, absl::StatusOr<NodeDescription>> joining;
  // Ids of members that did not answer: what they hold is copied from the others.
  std::set<std::string> silent;
};

// The addresses that have to be described, as far as they are well-formed.
std::set<std::string> JoiningAddresses(const ClusterChange& change,
                                       const topology::ClusterMap& map);

// Fills `request`; an error says which part of `change` is impossible, and has a reason of its own
// for each cause (docs/OPERATIONS.md#errors).
CacheError ResolveChange(const ClusterChange& change, const topology::ClusterMap& map,
                         const NodeFacts& facts, rebalance::ChangeRequest* request);

// What MakePlan, MakeAbort and the store say. Requires: not OK.
CacheError ChangeErrorOf(const absl::Status& status);
// The map cannot be read: its store is away or empty, or the map in it is damaged. Requires: not
// OK.
CacheError StoreErrorOf(const absl::Status& status);
// The map is not the one that was planned from any more.
CacheError EpochMismatch(uint64_t planned, uint64_t present);
// An abort that names another epoch than the present one, which every finished step changes.
CacheError AbortEpochMismatch(uint64_t asked, uint64_t present);

// Each partition of `moves` has a holder among the nodes `measured`, whose ids they are.
bool SizesAreKnown(const topology::ClusterMap& map, const std::vector<topology::PlannedMove>& moves,
                   const std::set<std::string>& measured);
ChangePlan ShowPlan(const topology::ClusterMap& before, const rebalance::ChangePlan& plan);
// Without what only joiners know: bytes and speed.
RebalanceView ShowRebalance(const topology::ClusterMap& map);

}  // namespace quorumcache::service
