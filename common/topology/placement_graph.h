// SPDX-License-Identifier: Apache-2.0
// PlacementGraph: who holds what, as a flow network in which moving a replica is one unit of flow.
//
//   root -> zone -> node -> cell (zone x partition) -> partition
//
// A zone and a node pass on their fair share (fair_share.h), a node gives a partition at most one
// replica, a cell passes on at most zone_replicas_max of them, a partition takes N. A replica where
// it was costs 0, a new one costs 1. Arcs are derived from who holds what, not stored: nodes x
// partitions is too much.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "common/topology/fair_share.h"

namespace quorumcache::topology {

// Index = partition; nodes in no particular order, none twice in a partition.
using HolderSets = std::vector<absl::InlinedVector<uint16_t, 4>>;

// Thread-compatible. Borrows its arguments.
class PlacementGraph {
 public:
  using Vertex = uint32_t;
  struct Arc {
    Vertex to = 0;
    int cost = 0;
  };

  // Starts from an old placement: at most N nodes a partition, empty where there is none. It costs
  // nothing, and what it does against the bounds shows as Excess.
  PlacementGraph(const ShareRequest& request, const FairShares& shares,
                 const HolderSets& old_holders);

  // Root, zones and nodes come first, then partitions and cells.
  Vertex vertex_count() const { return cell_base_ + zone_count_ * partition_count(); }
  Vertex first_partition() const { return partition_base_; }

  // Flow in minus flow out. Above 0: must be sent on; below 0: waits for some. The sum is 0.
  int Excess(Vertex vertex) const;

  // Arcs of a vertex are numbered from 0; ArcAt is nullopt where an arc cannot take one unit more.
  uint32_t ArcCount(Vertex from) const;
  std::optional<Arc> ArcAt(Vertex from, uint32_t index) const;
  // Sends one unit. Requires: an arc between the two that can take it.
  void Push(Vertex from, Vertex to);

  const HolderSets& holders() const { return holders_; }

 private:
  static constexpr Vertex kRoot = 0;
  uint32_t partition_count() const { return request_.partition_count; }
  Vertex ZoneVertex(uint32_t zone) const { return 1 + zone; }
  Vertex NodeVertex(uint32_t node) const { return node_base_ + node; }
  Vertex PartitionVertex(uint32_t partition) const { return partition_base_ + partition; }
  Vertex CellVertex(uint32_t zone, uint32_t partition) const {
    return cell_base_ + partition * zone_count_ + zone;
  }
  bool IsZone(Vertex vertex) const { return vertex > kRoot && vertex < node_base_; }
  bool IsNode(Vertex vertex) const { return vertex >= node_base_ && vertex < partition_base_; }
  bool IsPartition(Vertex vertex) const { return vertex >= partition_base_ && vertex < cell_base_; }
  uint32_t ZoneOf(uint32_t node) const { return request_.nodes[node].zone; }

  // First quotas within the bounds that add up; the flow exchanges them where that saves a move.
  void ChooseZoneQuotas();
  void ChooseNodeQuotas(uint32_t zone);
  void FillCells();

  std::optional<Arc> ArcOfZone(uint32_t zone, uint32_t index) const;
  std::optional<Arc> ArcOfNode(uint32_t node, uint32_t index) const;
  std::optional<Arc> ArcOfPartition(uint32_t partition, uint32_t index) const;
  std::optional<Arc> ArcOfCell(uint32_t cell, uint32_t index) const;

  void PushFromZone(uint32_t zone, Vertex to);
  void PushFromNode(uint32_t node, Vertex to);
  void PushFromCell(uint32_t cell, Vertex to);

  uint32_t CountInCell(uint32_t cell) const;
  // 0 where the replica was before, 1 where it would be new.
  int CostOf(uint32_t node, uint32_t partition) const;

  const ShareRequest& request_;
  const FairShares& shares_;
  const HolderSets& old_holders_;
  const uint32_t zone_count_;
  const Vertex node_base_;
  const Vertex partition_base_;
  const Vertex cell_base_;

  HolderSets holders_;
  std::vector<std::vector<uint32_t>> nodes_in_zone_;
  std::vector<uint32_t> zone_quota_;
  std::vector<uint32_t> node_quota_;
  // Replicas a node holds.
  std::vector<uint32_t> held_;
  // Flow from a cell to its partition, and what comes to a partition in all.
  std::vector<uint8_t> cell_flow_;
  std::vector<uint8_t> partition_flow_;
};

}  // namespace quorumcache::topology
