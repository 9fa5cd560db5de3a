// SPDX-License-Identifier: Apache-2.0
// CoordinatorSnapshot: what the loop's thread tells the metrics about itself, once a second.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/service/cluster_health.h"
#include "coordinator/service/op_runner.h"

namespace quorumcache::service {

// One storage node as this coordinator's stream sees it.
struct ReplicaStats {
  std::string node_id;
  bool up = false;
  uint64_t requests = 0;
  uint64_t batches = 0;
  uint64_t connects = 0;
  uint64_t breaks = 0;
  uint64_t in_flight = 0;
  // Asked and not executed, or lost.
  uint64_t failures = 0;
  double latency_mean_seconds = 0;
  double latency_p99_seconds = 0;
};

// Replicas that a change copies, and whether this coordinator drives it.
struct RebalanceStats {
  uint32_t replicas_total = 0;
  uint32_t replicas_done = 0;
  uint32_t replicas_moving = 0;
  bool drives = false;
};

// Value.
struct CoordinatorSnapshot {
  uint64_t in_flight = 0;
  uint64_t slow_operations = 0;
  OpRunner::Counters operations;
  ClusterHealth health;
  // Since the store last confirmed that the map is the present one.
  double map_age_seconds = 0;
  // The change under way; all 0 without one.
  RebalanceStats rebalance;
  // Of the nodes in the present map.
  std::vector<ReplicaStats> replicas;
};

}  // namespace quorumcache::service
