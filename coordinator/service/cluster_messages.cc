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

void FillDuration(absl::Duration duration, google::protobuf::Duration& message) {
  absl::Duration rest;
  message.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  message.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
}

void FillSlow(const SlowOperation& slow, v1::SlowOperation& message) {
  FillTimestamp(slow.ended_at_ms, *message.mutable_end_time());
  message.set_operation(slow.operation);
  message.set_namespace_(slow.namespace_name);
  message.set_key(slow.key);
  message.set_token(slow.token);
  message.set_consistency(static_cast<v1::Consistency>(slow.consistency));
  FillDuration(slow.duration, *message.mutable_duration());
  message.set_rounds(slow.rounds);
  message.set_attempts(slow.attempts);
  message.set_reason(slow.reason);
  message.set_outcome(std::string(slow.outcome()));
  message.set_required(slow.required);
  message.set_responded(slow.responded);
  for (const std::string& node : slow.awaited_nodes) message.add_awaited_nodes(node);
  message.set_peer(slow.peer);
  message.set_request_id(slow.request_id);
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

void FillMessage(const SlowLogView& view, v1::ReadSlowLogResponse& message) {
  message.set_coordinator(view.coordinator);
  if (view.threshold != absl::InfiniteDuration()) {
    FillDuration(view.threshold, *message.mutable_threshold());
  }
  message.set_total(view.total);
  for (const SlowOperation& slow : view.operations) FillSlow(slow, *message.add_operations());
}

}  // namespace quorumcache::service
