// SPDX-License-Identifier: Apache-2.0
// What a World needs where its partition moves: the store of the cluster map, a driver in every
// coordinator, a joiner and a dropper in every node. All of them are the servers' own objects.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/topology/cluster_map.h"
#include "coordinator/rebalance/driver.h"
#include "storage_node/replica/dropper.h"
#include "storage_node/replica/joiner.h"
#include "tests/sim/plan.h"

namespace quorumcache::sim {

// Thread-compatible; a plain record of World's (topology_*.cc).
struct TopologyState {
  struct CoordinatorSide {
    std::unique_ptr<rebalance::Driver> driver;
    // Counts its processes: what was asked by an earlier one is answered to nobody.
    uint32_t generation = 0;
    int64_t armed_us = kNever;
  };
  struct NodeSide {
    std::unique_ptr<replica::Joiner> joiner;
    std::unique_ptr<replica::Dropper> dropper;
    // Of the last map that its watch has shown: epochs only grow.
    uint64_t map_epoch = 0;
    // The last join that is known to have begun: it wiped what was there.
    uint32_t join_id = 0;
    uint32_t generation = 0;
    int64_t armed_us = kNever;
  };

  // All maps that there ever were; the last one is the present one.
  std::vector<topology::ClusterMap> maps;
  int64_t store_down_until_us = 0;
  std::vector<CoordinatorSide> coordinators;
  std::vector<NodeSide> nodes;
  // No timer of drivers, joiners and droppers is armed for later: a change that cannot be finished
  // must not keep the history from ending.
  int64_t timers_end_us = 0;

  const topology::ClusterMap& map() const { return maps.back(); }
};

}  // namespace quorumcache::sim
