// SPDX-License-Identifier: Apache-2.0
// What one pass over a node's partitions has to do about their garbage. Pure.
//
// Of a settled partition's nodes one runs its rounds: slot by slot with the partition's number, so
// that they all get their share. Partitions that nothing has died in since long enough are left
// out, and so is a partition with a slot that moves or is vacant.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "common/topology/cluster_map.h"

namespace quorumcache::transfer {

struct GarbageJob {
  uint32_t partition = 0;
  // Only look at this node's own copy, so that metrics know what waits.
  bool is_survey = false;
  // Rounds over this partition in this pass before this one.
  int repeats = 0;
  friend bool operator==(const GarbageJob&, const GarbageJob&) = default;
};

struct GarbagePassPlan {
  // Rounds first.
  std::deque<GarbageJob> jobs;
  // Partitions that this node would run a round over, and may not: a slot is moving or vacant.
  size_t unsettled = 0;
  // For the next pass: by partition, whether it is held and was unknown at this one.
  std::vector<bool> was_unknown;
};

// Whether `self` runs the rounds of the partition once it is settled.
bool RunsRounds(const topology::ClusterMap& map, uint32_t partition, topology::NodeIndex self);

// `earliest_ms`: GarbageWatch::EarliestMs of each partition. `was_unknown`: of the pass before;
// empty at the first. What stays unknown for two passes (nobody runs rounds over it) is surveyed.
GarbagePassPlan PlanGarbagePass(const topology::ClusterMap& map, topology::NodeIndex self,
                                std::span<const uint64_t> earliest_ms, uint64_t now_ms,
                                uint64_t grace_ms, const std::vector<bool>& was_unknown);

// What waits in the partitions that a node holds.
struct WaitingGarbage {
  // Partitions with something dead for longer than the grace.
  size_t partitions = 0;
  // By how much the oldest of it is past the grace; 0: nothing waits.
  uint64_t oldest_ms = 0;
};
WaitingGarbage FindWaiting(const topology::ClusterMap& map, topology::NodeIndex self,
                           std::span<const uint64_t> earliest_ms, uint64_t now_ms,
                           uint64_t grace_ms);

}  // namespace quorumcache::transfer
