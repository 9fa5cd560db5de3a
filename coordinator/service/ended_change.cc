// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/ended_change.h"

#include <algorithm>

namespace quorumcache::service {
namespace {

using topology::ClusterMap;
using topology::NodeIndex;

// Nodes that have left make others move up, so indices say nothing from map to map.
const topology::Node* SameNode(const ClusterMap& before, NodeIndex node, const ClusterMap& after) {
  const auto index = after.FindNode(before.nodes[node].id);
  return index.has_value() ? &after.nodes[*index] : nullptr;
}

// An abort gives slots back to whoever they were to be copied from.
bool IsWhereItWas(const ClusterMap& before, const topology::PlannedMove& move,
                  const ClusterMap& after) {
  if (move.from == move.to) return false;
  const topology::Slot& slot = after.partitions[move.partition].slots[move.slot];
  return !slot.IsVacant() && after.nodes[slot.holder].id == before.nodes[move.from].id;
}

// And it gives nodes back their weights, also where all has been copied already.
bool HasItsOldWeight(const ClusterMap& before, const topology::NodeWeight& weight,
                     const ClusterMap& after) {
  const topology::Node* node = SameNode(before, weight.node, after);
  return node != nullptr && node->weight == weight.weight &&
         node->weight != before.nodes[weight.node].weight;
}

bool WasAborted(const ClusterMap& before, const ClusterMap& after) {
  const auto& moves = before.change->moves;
  const auto& weights = before.change->weights_on_abort;
  return std::any_of(moves.begin(), moves.end(),
                     [&](const auto& move) { return IsWhereItWas(before, move, after); }) ||
         std::any_of(weights.begin(), weights.end(),
                     [&](const auto& weight) { return HasItsOldWeight(before, weight, after); });
}

}  // namespace

std::optional<EndedChange> FindEndedChange(const ClusterMap& before, const ClusterMap& after) {
  if (!before.change.has_value()) return std::nullopt;
  if (after.change.has_value() && after.change->id == before.change->id) return std::nullopt;
  return EndedChange{.change_epoch = before.change->id,
                     .description = before.change->summary,
                     .was_aborted = WasAborted(before, after)};
}

}  // namespace quorumcache::service
