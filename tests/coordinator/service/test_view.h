// SPDX-License-Identifier: Apache-2.0
// A cluster map of three nodes that hold everything, as a view.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/service/topology_view.h"

namespace quorumcache::service {

// Namespaces "default" (QUORUM) and "weak" (ONE); four partitions; links 0, 1, 2.
inline std::shared_ptr<const TopologyView> MakeTestView(uint32_t epoch) {
  topology::ClusterMap map;
  map.cluster_id = "test";
  map.epoch = epoch;
  map.replication_factor = 3;
  for (int i = 1; i <= 3; ++i) {
    topology::Node& node = map.nodes.emplace_back();
    node.id = "n" + std::to_string(i);
    node.address = "127.0.0.1:" + std::to_string(7000 + i);
    node.incarnation = static_cast<uint64_t>(i);
  }
  for (int p = 0; p < 4; ++p) {
    topology::PartitionEntry& entry = map.partitions.emplace_back();
    entry.epoch = epoch;
    for (topology::NodeIndex node = 0; node < 3; ++node) {
      entry.slots.push_back(topology::Slot::Settled(node));
    }
  }
  map.namespaces = {{"default", model::Consistency::kQuorum}, {"weak", model::Consistency::kOne}};
  return std::make_shared<const TopologyView>(std::move(map), std::vector<LinkId>{0, 1, 2});
}

}  // namespace quorumcache::service
