// SPDX-License-Identifier: Apache-2.0
#include "coordinator/rebalance/plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/topology/placement.h"
#include "common/topology/validate.h"
#include "coordinator/rebalance/edits.h"

namespace quorumcache::rebalance {
namespace {

using topology::Change;
using topology::ClusterMap;
using topology::Move;
using topology::NodeIndex;
using topology::PartitionEntry;
using topology::PlannedMove;
using topology::Slot;

bool Contains(const std::vector<NodeIndex>& nodes, NodeIndex node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// Dead sources first: they are what the cluster is short of. A node with a new disk takes all of
// its own slots again.
std::vector<PlannedMove> OrderedMoves(const ClusterMap& next, const topology::Placement& placement,
                                      const EditedNodes& edited) {
  std::vector<PlannedMove> moves;
  for (const Move& move : topology::MovesTo(next, placement)) {
    moves.push_back({.partition = move.partition,
                     .slot = move.slot,
                     .from = move.from,
                     .to = move.to,
                     .from_is_dead = Contains(edited.dead, move.from)});
  }
  std::stable_partition(moves.begin(), moves.end(),
                        [](const PlannedMove& move) { return move.from_is_dead; });
  return moves;
}

std::vector<PlannedMove> RebornMoves(const ClusterMap& next, const EditedNodes& edited) {
  std::vector<PlannedMove> moves;
  for (uint32_t partition = 0; partition < next.partitions.size(); ++partition) {
    const auto& slots = next.partitions[partition].slots;
    for (uint8_t slot = 0; slot < slots.size(); ++slot) {
      const NodeIndex node = slots[slot].holder;
      if (!Contains(edited.reborn, node)) continue;
      moves.push_back(
          {.partition = partition, .slot = slot, .from = node, .to = node, .from_is_dead = true});
    }
  }
  return moves;
}

// Its incarnation may only change while it holds nothing, so all of its slots fall vacant at once;
// they are as good as that already.
void VacateReborn(ClusterMap* next, const std::vector<PlannedMove>& moves) {
  for (const PlannedMove& move : moves) {
    PartitionEntry& entry = next->partitions[move.partition];
    entry.slots[move.slot] = Slot::Vacant(move.to);
    entry.epoch = entry.ballot_floor_epoch = static_cast<uint32_t>(next->epoch);
  }
}

// `before`: of the map as it is, which may have fewer nodes.
std::vector<NodePlan> NodePlansOf(const ClusterMap& before,
                                  const std::vector<topology::Node>& nodes,
                                  const std::vector<PlannedMove>& moves,
                                  const PartitionSizes& sizes) {
  std::vector<NodePlan> plans(nodes.size());
  const std::vector<uint32_t> counts = topology::ReplicaCounts(before);
  for (size_t i = 0; i < nodes.size(); ++i) {
    plans[i].id = nodes[i].id;
    plans[i].replicas_before = plans[i].replicas_after = i < counts.size() ? counts[i] : 0;
  }
  for (const PlannedMove& move : moves) {
    const uint64_t bytes = move.partition < sizes.size() ? sizes[move.partition] : 0;
    --plans[move.from].replicas_after;
    ++plans[move.to].replicas_after;
    plans[move.from].bytes_out += bytes;
    plans[move.to].bytes_in += bytes;
  }
  return plans;
}

// No move is needed: the nodes that leave do so at once.
void RemoveAll(ClusterMap* map, std::vector<NodeIndex> removes) {
  std::sort(removes.rbegin(), removes.rend());
  for (const NodeIndex node : removes) topology::RemoveNode(*map, node);
}

absl::Status CheckNoChange(const ClusterMap& map) {
  if (!map.change.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("a change is under way (", map.change->summary, ", ", map.change->moves.size(),
                   " of ", map.change->moves_total, " moves to do): wait for it, or abort it"));
}

absl::StatusOr<std::vector<PlannedMove>> PlanMoves(const ClusterMap& next,
                                                   const EditedNodes& edited) {
  if (!edited.reborn.empty()) return RebornMoves(next, edited);
  QC_ASSIGN_OR_RETURN(const topology::Placement placement, topology::PlanPlacement(next));
  return OrderedMoves(next, placement, edited);
}

}  // namespace

absl::StatusOr<ChangePlan> MakePlan(const ClusterMap& map, const ChangeRequest& request,
                                    const PartitionSizes& sizes) {
  QC_RETURN_IF_ERROR(CheckNoChange(map));
  QC_ASSIGN_OR_RETURN(EditedNodes edited, ApplyEdits(map, request));
  ChangePlan plan;
  plan.map_epoch = map.epoch;
  plan.summary = edited.summary;
  plan.next = map;
  ++plan.next.epoch;
  plan.next.nodes = edited.nodes;
  QC_ASSIGN_OR_RETURN(plan.moves, PlanMoves(plan.next, edited));
  plan.nodes = NodePlansOf(map, edited.nodes, plan.moves, sizes);
  for (const NodePlan& node : plan.nodes) plan.bytes_total += node.bytes_in;
  if (!edited.reborn.empty()) VacateReborn(&plan.next, plan.moves);
  if (plan.moves.empty()) {
    plan.changes_nothing = edited.nodes == map.nodes && edited.removes.empty();
    RemoveAll(&plan.next, std::move(edited.removes));
  } else {
    plan.next.change = Change{.id = static_cast<uint32_t>(plan.next.epoch),
                              .summary = plan.summary,
                              .moves_total = static_cast<uint32_t>(plan.moves.size()),
                              .moves = plan.moves,
                              .removes = std::move(edited.removes),
                              .weights_on_abort = std::move(edited.weights_on_abort)};
  }
  QC_RETURN_IF_ERROR(topology::Validate(plan.next));
  QC_RETURN_IF_ERROR(topology::ValidateSuccessor(map, plan.next));
  return plan;
}

absl::StatusOr<ClusterMap> MakeAbort(const ClusterMap& map) {
  if (!map.change.has_value()) {
    return absl::FailedPreconditionError("no change is under way: there is nothing to abort");
  }
  ClusterMap next = map;
  ++next.epoch;
  next.change.reset();
  for (const PlannedMove& move : map.change->moves) {
    PartitionEntry& entry = next.partitions[move.partition];
    if (entry.slots[move.slot].IsSettled()) continue;
    if (move.from == move.to) {
      return absl::FailedPreconditionError(
          absl::StrCat("what node ", map.nodes[move.from].id,
                       " had is gone: there is nothing to go back to. Replace it with another node "
                       "once this change is done"));
    }
    entry.slots[move.slot] = Slot::Settled(move.from);
    entry.epoch = static_cast<uint32_t>(next.epoch);
  }
  for (const topology::NodeWeight& weight : map.change->weights_on_abort) {
    next.nodes[weight.node].weight = weight.weight;
  }
  QC_RETURN_IF_ERROR(topology::Validate(next));
  QC_RETURN_IF_ERROR(topology::ValidateSuccessor(map, next));
  return next;
}

absl::Status CheckEpoch(const ClusterMap& map, uint64_t planned_epoch) {
  if (map.epoch == planned_epoch) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the cluster map is at epoch ", map.epoch,
                                                    ", and the plan was made at ", planned_epoch,
                                                    ": plan again"));
}

}  // namespace quorumcache::rebalance
