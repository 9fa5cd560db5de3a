// SPDX-License-Identifier: Apache-2.0
#include "common/topology/placement.h"

#include <algorithm>
#include <bit>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/model/key.h"
#include "common/topology/fair_share.h"
#include "common/topology/placement_flow.h"
#include "common/topology/validate.h"

namespace quorumcache::topology {
namespace {

ShareRequest ShareRequestOf(const ClusterMap& map) {
  ShareRequest request;
  request.partition_count = static_cast<uint32_t>(map.partitions.size());
  request.replication_factor = map.replication_factor;
  std::map<absl::string_view, uint32_t> zone_index;
  for (const Node& node : map.nodes) {
    const auto next_index = static_cast<uint32_t>(zone_index.size());
    const uint32_t zone = zone_index.emplace(node.zone, next_index).first->second;
    request.nodes.push_back({zone, node.weight});
  }
  request.zone_count = static_cast<uint32_t>(zone_index.size());
  return request;
}

HolderSets HoldersOf(const ClusterMap& map) {
  HolderSets holders(map.partitions.size());
  for (size_t partition = 0; partition < holders.size(); ++partition) {
    for (const Slot& slot : map.partitions[partition].slots) {
      holders[partition].push_back(slot.holder);
    }
  }
  return holders;
}

// Gives those that stay their old slots, and those that come the free ones, in order.
absl::InlinedVector<NodeIndex, 3> AssignSlots(const PartitionEntry& entry,
                                              HolderSets::value_type holders, size_t slot_count) {
  QC_CHECK(holders.size() == slot_count);
  std::sort(holders.begin(), holders.end());
  absl::InlinedVector<NodeIndex, 3> slots(slot_count, kNoNode);
  for (size_t i = 0; i < entry.slots.size(); ++i) {
    const auto stays = std::find(holders.begin(), holders.end(), entry.slots[i].holder);
    if (stays == holders.end()) continue;
    slots[i] = *stays;
    holders.erase(stays);
  }
  for (NodeIndex& slot : slots) {
    if (slot != kNoNode) continue;
    slot = holders.front();
    holders.erase(holders.begin());
  }
  return slots;
}

absl::Status CheckPlannable(const ClusterMap& map) {
  for (size_t partition = 0; partition < map.partitions.size(); ++partition) {
    if (map.partitions[partition].IsSettled()) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("placement: a change is under way (partition ", partition,
                     " is moving); wait until it is done, or abort it"));
  }
  return absl::OkStatus();
}

absl::Status CheckPartitionCount(uint32_t count) {
  if (std::has_single_bit(count) && count <= limits::kPartitionsMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "cluster map: partitions: ", count, " is not a power of two up to ", limits::kPartitionsMax));
}

void AddDefaultNamespace(ClusterMap& map) {
  if (map.FindNamespace(model::kDefaultNamespace) != nullptr) return;
  map.namespaces.insert(map.namespaces.begin(), Namespace{.name = model::kDefaultNamespace});
}

}  // namespace

absl::StatusOr<Placement> PlanPlacement(const ClusterMap& map) {
  QC_RETURN_IF_ERROR(CheckPlannable(map));
  const ShareRequest request = ShareRequestOf(map);
  QC_ASSIGN_OR_RETURN(const FairShares shares, ComputeFairShares(request));
  const HolderSets holders = SolvePlacement(request, shares, HoldersOf(map));
  Placement placement;
  placement.reserve(holders.size());
  for (size_t partition = 0; partition < holders.size(); ++partition) {
    placement.push_back(
        AssignSlots(map.partitions[partition], holders[partition], map.replication_factor));
  }
  return placement;
}

std::vector<Move> MovesTo(const ClusterMap& map, const Placement& placement) {
  QC_CHECK(placement.size() == map.partitions.size());
  std::vector<Move> moves;
  for (size_t partition = 0; partition < placement.size(); ++partition) {
    const auto& slots = map.partitions[partition].slots;
    QC_CHECK(placement[partition].size() == slots.size());
    for (size_t slot = 0; slot < slots.size(); ++slot) {
      QC_CHECK(slots[slot].IsSettled());
      if (slots[slot].holder == placement[partition][slot]) continue;
      moves.push_back({static_cast<uint32_t>(partition), static_cast<uint8_t>(slot),
                       slots[slot].holder, placement[partition][slot]});
    }
  }
  return moves;
}

absl::StatusOr<ClusterMap> MakeFirstMap(const NewCluster& cluster) {
  QC_RETURN_IF_ERROR(CheckPartitionCount(cluster.partition_count));
  ClusterMap map{.cluster_id = cluster.cluster_id,
                 .epoch = 1,
                 .replication_factor = cluster.replication_factor,
                 .nodes = cluster.nodes,
                 .partitions = std::vector<PartitionEntry>(cluster.partition_count),
                 .namespaces = cluster.namespaces};
  AddDefaultNamespace(map);
  // Before the planner, whose work grows with these, and after it for the rest.
  if (map.nodes.size() > limits::kNodesMax || map.replication_factor == 0 ||
      map.replication_factor > limits::kReplicasMax) {
    return Validate(map);
  }
  QC_ASSIGN_OR_RETURN(const Placement placement, PlanPlacement(map));
  for (size_t partition = 0; partition < placement.size(); ++partition) {
    PartitionEntry& entry = map.partitions[partition];
    entry.epoch = 1;
    for (const NodeIndex node : placement[partition]) entry.slots.push_back(Slot::Settled(node));
  }
  QC_RETURN_IF_ERROR(Validate(map));
  return map;
}

}  // namespace quorumcache::topology
