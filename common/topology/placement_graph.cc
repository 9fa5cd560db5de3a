// SPDX-License-Identifier: Apache-2.0
#include "common/topology/placement_graph.h"

#include <algorithm>

#include "common/base/check.h"

namespace quorumcache::topology {
namespace {

bool Contains(const HolderSets::value_type& holders, uint32_t node) {
  return std::find(holders.begin(), holders.end(), node) != holders.end();
}

// Each node goes through the partitions in an order of its own, or new nodes would take the same
// ones, and the load of a dead node would fall on few others. A permutation: P is a power of two
// and the stride odd. The multiplier is 2^64 divided by the golden ratio, which spreads small
// numbers (Knuth, volume 3, 6.4).
uint32_t PartitionInOrderOf(uint32_t node, uint32_t step, uint32_t partition_count) {
  const uint64_t mixed = (uint64_t{node} + 1) * 0x9E3779B97F4A7C15ull;
  const uint32_t start = static_cast<uint32_t>(mixed >> 32);
  const uint32_t stride = static_cast<uint32_t>(mixed >> 16) | 1;
  return (start + step * stride) & (partition_count - 1);
}

}  // namespace

PlacementGraph::PlacementGraph(const ShareRequest& request, const FairShares& shares,
                               const HolderSets& old_holders)
    : request_(request),
      shares_(shares),
      old_holders_(old_holders),
      zone_count_(request.zone_count),
      node_base_(1 + zone_count_),
      partition_base_(node_base_ + static_cast<Vertex>(request.nodes.size())),
      cell_base_(partition_base_ + request.partition_count),
      holders_(old_holders),
      nodes_in_zone_(zone_count_),
      node_quota_(request.nodes.size()),
      held_(request.nodes.size()),
      cell_flow_(size_t{zone_count_} * request.partition_count),
      partition_flow_(request.partition_count) {
  QC_CHECK(old_holders.size() == request.partition_count);
  for (uint32_t node = 0; node < request.nodes.size(); ++node) {
    nodes_in_zone_[ZoneOf(node)].push_back(node);
  }
  FillCells();
  ChooseZoneQuotas();
  for (uint32_t zone = 0; zone < zone_count_; ++zone) ChooseNodeQuotas(zone);
}

void PlacementGraph::FillCells() {
  for (uint32_t partition = 0; partition < partition_count(); ++partition) {
    QC_CHECK(holders_[partition].size() <= request_.replication_factor);
    for (const uint16_t node : holders_[partition]) {
      QC_CHECK(node < held_.size());
      ++held_[node];
      const uint32_t zone = ZoneOf(node);
      uint8_t& flow = cell_flow_[partition * zone_count_ + zone];
      // What a zone has too much of a partition stays in the cell, as an excess.
      if (flow == shares_.zone_replicas_max[zone]) continue;
      ++flow;
      ++partition_flow_[partition];
    }
  }
}

void PlacementGraph::ChooseZoneQuotas() {
  uint32_t rest = request_.partition_count * request_.replication_factor;
  for (const ShareBounds& bounds : shares_.zones) {
    zone_quota_.push_back(bounds.min);
    rest -= bounds.min;
  }
  for (uint32_t zone = 0; zone < zone_count_ && rest > 0; ++zone) {
    if (zone_quota_[zone] == shares_.zones[zone].max) continue;
    ++zone_quota_[zone];
    --rest;
  }
  QC_CHECK(rest == 0);
}

void PlacementGraph::ChooseNodeQuotas(uint32_t zone) {
  uint32_t rest = zone_quota_[zone];
  for (const uint32_t node : nodes_in_zone_[zone]) {
    node_quota_[node] = shares_.nodes[node].min;
    rest -= node_quota_[node];
  }
  // First those that hold more than the lower bound already: that saves a move, and a round.
  for (const bool only_holders : {true, false}) {
    for (const uint32_t node : nodes_in_zone_[zone]) {
      if (rest == 0 || node_quota_[node] == shares_.nodes[node].max) continue;
      if (only_holders && held_[node] <= node_quota_[node]) continue;
      ++node_quota_[node];
      --rest;
    }
  }
  QC_CHECK(rest == 0);
}

uint32_t PlacementGraph::CountInCell(uint32_t cell) const {
  const auto& holders = holders_[cell / zone_count_];
  const uint32_t zone = cell % zone_count_;
  return static_cast<uint32_t>(std::count_if(holders.begin(), holders.end(),
                                             [&](uint16_t node) { return ZoneOf(node) == zone; }));
}

int PlacementGraph::CostOf(uint32_t node, uint32_t partition) const {
  return Contains(old_holders_[partition], node) ? 0 : 1;
}

int PlacementGraph::Excess(Vertex vertex) const {
  // What comes into the root and the zones always goes out: quotas are exchanged, never lost.
  if (vertex < node_base_) return 0;
  if (IsNode(vertex)) {
    const uint32_t node = vertex - node_base_;
    return static_cast<int>(node_quota_[node]) - static_cast<int>(held_[node]);
  }
  if (IsPartition(vertex)) {
    return int{partition_flow_[vertex - partition_base_]} -
           static_cast<int>(request_.replication_factor);
  }
  const uint32_t cell = vertex - cell_base_;
  return static_cast<int>(CountInCell(cell)) - int{cell_flow_[cell]};
}

uint32_t PlacementGraph::ArcCount(Vertex from) const {
  if (from == kRoot) return zone_count_;
  if (IsZone(from)) return 1 + static_cast<uint32_t>(nodes_in_zone_[from - 1].size());
  if (IsNode(from)) return 1 + partition_count();
  if (IsPartition(from)) {
    return static_cast<uint32_t>(holders_[from - partition_base_].size());
  }
  return 1 + static_cast<uint32_t>(holders_[(from - cell_base_) / zone_count_].size());
}

std::optional<PlacementGraph::Arc> PlacementGraph::ArcAt(Vertex from, uint32_t index) const {
  if (from == kRoot) {
    if (zone_quota_[index] == shares_.zones[index].max) return std::nullopt;
    return Arc{ZoneVertex(index), 0};
  }
  if (IsZone(from)) return ArcOfZone(from - 1, index);
  if (IsNode(from)) return ArcOfNode(from - node_base_, index);
  if (IsPartition(from)) return ArcOfPartition(from - partition_base_, index);
  return ArcOfCell(from - cell_base_, index);
}

std::optional<PlacementGraph::Arc> PlacementGraph::ArcOfZone(uint32_t zone, uint32_t index) const {
  if (index == 0) {
    if (zone_quota_[zone] == shares_.zones[zone].min) return std::nullopt;
    return Arc{kRoot, 0};
  }
  const uint32_t node = nodes_in_zone_[zone][index - 1];
  if (node_quota_[node] == shares_.nodes[node].max) return std::nullopt;
  return Arc{NodeVertex(node), 0};
}

std::optional<PlacementGraph::Arc> PlacementGraph::ArcOfNode(uint32_t node, uint32_t index) const {
  if (index == 0) {
    if (node_quota_[node] == shares_.nodes[node].min) return std::nullopt;
    return Arc{ZoneVertex(ZoneOf(node)), 0};
  }
  const uint32_t partition = PartitionInOrderOf(node, index - 1, partition_count());
  if (Contains(holders_[partition], node)) return std::nullopt;
  return Arc{CellVertex(ZoneOf(node), partition), CostOf(node, partition)};
}

std::optional<PlacementGraph::Arc> PlacementGraph::ArcOfPartition(uint32_t partition,
                                                                  uint32_t index) const {
  const uint32_t zone = ZoneOf(holders_[partition][index]);
  if (cell_flow_[partition * zone_count_ + zone] == 0) return std::nullopt;
  return Arc{CellVertex(zone, partition), 0};
}

std::optional<PlacementGraph::Arc> PlacementGraph::ArcOfCell(uint32_t cell, uint32_t index) const {
  const uint32_t partition = cell / zone_count_;
  if (index == 0) {
    if (cell_flow_[cell] == shares_.zone_replicas_max[cell % zone_count_]) return std::nullopt;
    return Arc{PartitionVertex(partition), 0};
  }
  const uint32_t node = holders_[partition][index - 1];
  if (ZoneOf(node) != cell % zone_count_) return std::nullopt;
  return Arc{NodeVertex(node), -CostOf(node, partition)};
}

void PlacementGraph::Push(Vertex from, Vertex to) {
  if (from == kRoot) {
    ++zone_quota_[to - 1];
  } else if (IsZone(from)) {
    PushFromZone(from - 1, to);
  } else if (IsNode(from)) {
    PushFromNode(from - node_base_, to);
  } else if (IsPartition(from)) {
    --cell_flow_[to - cell_base_];
    --partition_flow_[from - partition_base_];
  } else {
    PushFromCell(from - cell_base_, to);
  }
}

void PlacementGraph::PushFromZone(uint32_t zone, Vertex to) {
  if (to == kRoot) {
    --zone_quota_[zone];
  } else {
    ++node_quota_[to - node_base_];
  }
}

void PlacementGraph::PushFromNode(uint32_t node, Vertex to) {
  if (IsZone(to)) {
    --node_quota_[node];
    return;
  }
  auto& holders = holders_[(to - cell_base_) / zone_count_];
  QC_CHECK(!Contains(holders, node));
  holders.push_back(static_cast<uint16_t>(node));
  ++held_[node];
}

void PlacementGraph::PushFromCell(uint32_t cell, Vertex to) {
  if (IsPartition(to)) {
    ++cell_flow_[cell];
    ++partition_flow_[to - partition_base_];
    return;
  }
  const uint32_t node = to - node_base_;
  auto& holders = holders_[cell / zone_count_];
  const auto found = std::find(holders.begin(), holders.end(), node);
  QC_CHECK(found != holders.end());
  holders.erase(found);
  --held_[node];
}

}  // namespace quorumcache::topology
