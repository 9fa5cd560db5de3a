// SPDX-License-Identifier: Apache-2.0
// The least number of moves, found the slow way, to judge placement_flow.h by.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/base/check.h"
#include "common/topology/fair_share.h"
#include "common/topology/placement_graph.h"

namespace quorumcache::topology {

// A textbook minimum-cost flow that knows nothing of an old placement but its arcs' prices:
// explicit arcs, from an empty flow, one unit a path, Bellman-Ford. Lower bounds are arcs with a
// large reward. For a dozen nodes and a few dozen partitions.
class MoveOracle {
 public:
  MoveOracle(const ShareRequest& request, const FairShares& shares, const HolderSets& old_holders)
      : unit_count_(request.partition_count * request.replication_factor) {
    const int root = AddVertex();
    sink_ = AddVertex();
    std::vector<int> partitions;
    for (uint32_t p = 0; p < request.partition_count; ++p) {
      partitions.push_back(AddVertex());
      AddArc(partitions.back(), sink_, static_cast<int>(request.replication_factor), 0);
    }
    for (uint32_t zone = 0; zone < request.zone_count; ++zone) {
      const int vertex = AddVertex();
      AddBounded(root, vertex, shares.zones[zone]);
      std::vector<int> cells;
      for (uint32_t p = 0; p < request.partition_count; ++p) {
        cells.push_back(AddVertex());
        AddArc(cells.back(), partitions[p], static_cast<int>(shares.zone_replicas_max[zone]), 0);
      }
      for (uint32_t node = 0; node < request.nodes.size(); ++node) {
        if (request.nodes[node].zone == zone) AddNode(vertex, node, shares, old_holders, cells);
      }
    }
    source_ = root;
  }

  // Replicas that any placement within the bounds must put where they were not.
  int MovesMin() {
    for (uint32_t unit = 0; unit < unit_count_; ++unit) SendUnit();
    int moves = 0;
    for (const size_t arc : new_replica_arcs_) moves += 1 - arcs_[arc].capacity;
    for (const size_t arc : required_arcs_) QC_CHECK(arcs_[arc].capacity == 0);
    return moves;
  }

 private:
  struct Arc {
    int from;
    int to;
    int capacity;
    int cost;
  };
  static constexpr int kReward = 10000;

  int AddVertex() { return vertex_count_++; }

  // Arc 2k and its reverse 2k + 1.
  size_t AddArc(int from, int to, int capacity, int cost) {
    arcs_.push_back({from, to, capacity, cost});
    arcs_.push_back({to, from, 0, -cost});
    return arcs_.size() - 2;
  }

  void AddBounded(int from, int to, const ShareBounds& bounds) {
    required_arcs_.push_back(AddArc(from, to, static_cast<int>(bounds.min), -kReward));
    AddArc(from, to, static_cast<int>(bounds.max - bounds.min), 0);
  }

  void AddNode(int zone_vertex, uint32_t node, const FairShares& shares,
               const HolderSets& old_holders, const std::vector<int>& cells) {
    const int vertex = AddVertex();
    AddBounded(zone_vertex, vertex, shares.nodes[node]);
    for (size_t p = 0; p < cells.size(); ++p) {
      const auto& holders = old_holders[p];
      const bool old = std::find(holders.begin(), holders.end(), node) != holders.end();
      const size_t arc = AddArc(vertex, cells[p], 1, old ? 0 : 1);
      if (!old) new_replica_arcs_.push_back(arc);
    }
  }

  void SendUnit() {
    constexpr int kFar = std::numeric_limits<int>::max() / 2;
    std::vector<int> distance(vertex_count_, kFar);
    std::vector<size_t> via(vertex_count_, 0);
    distance[source_] = 0;
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = 0; i < arcs_.size(); ++i) {
        const Arc& arc = arcs_[i];
        if (arc.capacity == 0 || distance[arc.from] == kFar) continue;
        if (distance[arc.from] + arc.cost >= distance[arc.to]) continue;
        distance[arc.to] = distance[arc.from] + arc.cost;
        via[arc.to] = i;
        changed = true;
      }
    }
    QC_CHECK(distance[sink_] != kFar);
    for (int vertex = sink_; vertex != source_; vertex = arcs_[via[vertex]].from) {
      --arcs_[via[vertex]].capacity;
      ++arcs_[via[vertex] ^ 1].capacity;
    }
  }

  const uint32_t unit_count_;
  int vertex_count_ = 0;
  int source_ = 0;
  int sink_ = 0;
  std::vector<Arc> arcs_;
  std::vector<size_t> new_replica_arcs_;
  std::vector<size_t> required_arcs_;
};

}  // namespace quorumcache::topology
