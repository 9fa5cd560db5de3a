// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/cluster_view.h"

#include <vector>

namespace quorumcache::service {
namespace {

NodeView DescribeNode(const topology::Node& node, uint32_t partition_count, bool up) {
  NodeView shown;
  shown.id = node.id;
  shown.address = node.address;
  shown.zone = node.zone;
  shown.weight = node.weight;
  shown.incarnation = node.incarnation;
  shown.up = up;
  shown.partition_count = partition_count;
  return shown;
}

PartitionView DescribePartition(const topology::ClusterMap& map,
                                const topology::PartitionEntry& entry) {
  PartitionView shown;
  shown.epoch = entry.epoch;
  for (const topology::Slot& slot : entry.slots) {
    SlotView& added = shown.slots.emplace_back();
    added.vacant = slot.IsVacant();
    for (const topology::NodeIndex node : slot.Nodes()) added.nodes.push_back(map.nodes[node].id);
  }
  return shown;
}

}  // namespace

ClusterView DescribeView(const TopologyView& view, const ReplicaTransport& transport) {
  const topology::ClusterMap& map = view.map();
  ClusterView shown;
  shown.cluster_id = map.cluster_id;
  shown.epoch = map.epoch;
  shown.replication_factor = map.replication_factor;
  const std::vector<uint32_t> counts = topology::ReplicaCounts(map);
  for (size_t i = 0; i < map.nodes.size(); ++i) {
    const bool up = transport.IsUp(view.link(static_cast<uint16_t>(i)));
    shown.nodes.push_back(DescribeNode(map.nodes[i], counts[i], up));
  }
  for (const topology::PartitionEntry& entry : map.partitions) {
    shown.partitions.push_back(DescribePartition(map, entry));
  }
  for (const topology::Namespace& one : map.namespaces) {
    shown.namespaces.push_back(NamespaceView{one.name, one.default_consistency});
  }
  return shown;
}

}  // namespace quorumcache::service
