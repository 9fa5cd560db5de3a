// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/cluster_messages.h"

#include "coordinator/service/cache_messages.h"

namespace quorumcache::service {
namespace {

void FillNode(const NodeView& view, v1::Node& message) {
  message.set_id(view.id);
  message.set_address(view.address);
  message.set_zone(view.zone);
  message.set_weight(view.weight);
  message.set_incarnation(view.incarnation);
  message.set_health(view.up ? v1::NODE_HEALTH_UP : v1::NODE_HEALTH_DOWN);
  message.set_partition_count(view.partition_count);
}

void FillPartition(const PartitionView& view, v1::Partition& message) {
  message.set_epoch(view.epoch);
  for (const SlotView& slot : view.slots) {
    v1::Slot& added = *message.add_slots();
    for (const std::string& node : slot.nodes) added.add_nodes(node);
    added.set_vacant(slot.vacant);
  }
}

void FillReplica(const ReplicaView& view, v1::ReplicaView& message) {
  message.set_node_id(view.node_id);
  message.set_address(view.address);
  message.set_zone(view.zone);
  message.set_error(view.error);
  message.set_found(view.found);
  message.set_tombstone(view.tombstone);
  message.set_etag(view.etag);
  if (view.expire_at_ms != 0) FillTimestamp(view.expire_at_ms, *message.mutable_expire_time());
  message.set_value_size_bytes(view.value_size_bytes);
}

}  // namespace

void FillMessage(const ClusterView& view, v1::GetClusterMapResponse& message) {
  message.set_cluster_id(view.cluster_id);
  message.set_epoch(view.epoch);
  message.set_replication_factor(view.replication_factor);
  for (const NodeView& node : view.nodes) FillNode(node, *message.add_nodes());
  for (const PartitionView& one : view.partitions) FillPartition(one, *message.add_partitions());
  for (const NamespaceView& one : view.namespaces) {
    v1::Namespace& added = *message.add_namespaces();
    added.set_name(one.name);
    added.set_default_consistency(static_cast<v1::Consistency>(one.default_consistency));
  }
}

void FillMessage(const KeyLocation& location, v1::LocateKeyResponse& message) {
  message.set_token(location.token);
  message.set_partition(location.partition);
  message.set_partition_epoch(location.partition_epoch);
  for (const ReplicaView& replica : location.replicas) {
    FillReplica(replica, *message.add_replicas());
  }
}

}  // namespace quorumcache::service
