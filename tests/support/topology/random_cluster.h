// SPDX-License-Identifier: Apache-2.0
// Random clusters and random changes of them, for property tests of the planner.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/topology/cluster_map.h"
#include "common/topology/placement.h"

namespace quorumcache::topology {

struct RandomClusterOptions {
  uint32_t nodes_max = 64;
  uint32_t zones_max = 6;
  uint32_t partitions_log2_max = 10;
  uint32_t replicas_max = 5;
};

// A cluster that lives through changes. Its nodes' number never falls below N.
class RandomCluster {
 public:
  RandomCluster(base::Random& random, const RandomClusterOptions& options)
      : random_(random), options_(options) {
    const uint64_t replicas = 1 + random.Uniform(options.replicas_max);
    zone_count_ = 1 + random.Uniform(options.zones_max);
    equal_weights_ = random.OneIn(2);
    map_.cluster_id = "random";
    map_.epoch = 1;
    map_.replication_factor = static_cast<uint32_t>(replicas);
    map_.partitions.resize(size_t{16} << random.Uniform(options.partitions_log2_max - 3));
    for (uint64_t n = replicas + random.Uniform(options.nodes_max - replicas + 1); n > 0; --n) {
      AddNode();
    }
  }

  const ClusterMap& map() const { return map_; }

  // All moves of the plan are done; drained nodes leave.
  void Apply(const Placement& placement) {
    for (size_t p = 0; p < placement.size(); ++p) {
      map_.partitions[p].epoch = 1;
      map_.partitions[p].slots.clear();
      for (const NodeIndex node : placement[p]) {
        map_.partitions[p].slots.push_back(Slot::Settled(node));
      }
    }
    for (size_t i = map_.nodes.size(); i-- > 0;) {
      if (map_.nodes[i].weight == 0) RemoveNode(map_, static_cast<NodeIndex>(i));
    }
  }

  // Adds, drains, replaces, moves to another zone or weighs anew one to three nodes.
  void Change() {
    for (uint64_t changes = 1 + random_.Uniform(3); changes > 0; --changes) ChangeOnce();
  }

 private:
  void AddNode() {
    ++last_number_;
    map_.nodes.push_back(Node{.id = absl::StrCat("n", last_number_),
                              .address = absl::StrCat("host", last_number_, ":7400"),
                              .zone = RandomZone(),
                              .weight = RandomWeight()});
  }

  void ChangeOnce() {
    Node& node = map_.nodes[random_.Uniform(map_.nodes.size())];
    switch (random_.Uniform(6)) {
      case 0:
      case 1:
        if (map_.nodes.size() < options_.nodes_max) AddNode();
        return;
      case 2:
        if (CanDrain(node)) node.weight = 0;
        return;
      case 3:
        if (node.weight == 0 || map_.nodes.size() == options_.nodes_max) return;
        Replace(node);
        return;
      case 4:
        node.zone = RandomZone();
        return;
      default:
        if (node.weight > 0) node.weight = RandomWeight();
    }
  }

  bool CanDrain(const Node& node) const {
    const auto weighted = std::count_if(map_.nodes.begin(), map_.nodes.end(),
                                        [](const Node& other) { return other.weight > 0; });
    return node.weight > 0 && weighted > map_.replication_factor;
  }

  void Replace(Node& node) {
    const std::string zone = node.zone;
    const uint32_t weight = node.weight;
    node.weight = 0;
    AddNode();
    map_.nodes.back().zone = zone;
    map_.nodes.back().weight = weight;
  }

  std::string RandomZone() { return absl::StrCat("z", random_.Uniform(zone_count_)); }
  uint32_t RandomWeight() {
    return equal_weights_ ? 100 : static_cast<uint32_t>(10 + random_.Uniform(400));
  }

  base::Random& random_;
  const RandomClusterOptions options_;
  uint64_t zone_count_ = 1;
  bool equal_weights_ = true;
  uint32_t last_number_ = 0;
  ClusterMap map_;
};

}  // namespace quorumcache::topology
