// SPDX-License-Identifier: Apache-2.0
#include "common/topology/cluster_map.h"

#include <algorithm>

#include "common/base/check.h"

namespace quorumcache::topology {
namespace {

void ShiftDown(NodeIndex& node, NodeIndex removed) {
  QC_CHECK(node != removed);
  if (node != kNoNode && node > removed) --node;
}

void ShiftDown(Change& change, NodeIndex removed) {
  for (PlannedMove& move : change.moves) {
    ShiftDown(move.from, removed);
    ShiftDown(move.to, removed);
  }
  std::erase(change.removes, removed);
  for (NodeIndex& node : change.removes) ShiftDown(node, removed);
  std::erase_if(change.weights_on_abort,
                [&](const NodeWeight& weight) { return weight.node == removed; });
  for (NodeWeight& weight : change.weights_on_abort) ShiftDown(weight.node, removed);
}

}  // namespace

absl::InlinedVector<NodeIndex, 2> Slot::Nodes() const {
  absl::InlinedVector<NodeIndex, 2> nodes;
  if (holder != kNoNode) nodes.push_back(holder);
  if (joiner != kNoNode) nodes.push_back(joiner);
  return nodes;
}

bool PartitionEntry::IsSettled() const {
  return std::all_of(slots.begin(), slots.end(), [](const Slot& slot) { return slot.IsSettled(); });
}

std::optional<NodeIndex> ClusterMap::FindNode(absl::string_view id) const {
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.id == id; });
  if (found == nodes.end()) return std::nullopt;
  return static_cast<NodeIndex>(found - nodes.begin());
}

const Namespace* ClusterMap::FindNamespace(absl::string_view name) const {
  const auto found = std::find_if(namespaces.begin(), namespaces.end(),
                                  [&](const Namespace& entry) { return entry.name == name; });
  return found == namespaces.end() ? nullptr : &*found;
}

bool ClusterMap::IsSettled() const {
  return std::all_of(partitions.begin(), partitions.end(),
                     [](const PartitionEntry& entry) { return entry.IsSettled(); });
}

std::vector<uint32_t> ReplicaCounts(const ClusterMap& map) {
  std::vector<uint32_t> counts(map.nodes.size());
  for (const PartitionEntry& entry : map.partitions) {
    for (const Slot& slot : entry.slots) {
      for (const NodeIndex node : slot.Nodes()) {
        QC_CHECK(node < counts.size());
        ++counts[node];
      }
    }
  }
  return counts;
}

void RemoveNode(ClusterMap& map, NodeIndex node) {
  QC_CHECK(node < map.nodes.size());
  for (PartitionEntry& entry : map.partitions) {
    for (Slot& slot : entry.slots) {
      ShiftDown(slot.holder, node);
      ShiftDown(slot.joiner, node);
    }
  }
  if (map.change.has_value()) ShiftDown(*map.change, node);
  map.nodes.erase(map.nodes.begin() + node);
}

}  // namespace quorumcache::topology
