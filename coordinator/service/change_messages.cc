// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_messages.h"

#include <utility>

namespace quorumcache::service {
namespace {

NodeAddition TakeNode(v1::AddNode& message) {
  return NodeAddition{.address = std::move(*message.mutable_address()),
                      .zone = std::move(*message.mutable_zone()),
                      .weight = message.weight(),
                      .id = std::move(*message.mutable_id())};
}

v1::RebalanceState StateOf(RebalanceState state) {
  switch (state) {
    case RebalanceState::kRunning:
      return v1::REBALANCE_STATE_RUNNING;
    case RebalanceState::kAborting:
      return v1::REBALANCE_STATE_ABORTING;
    case RebalanceState::kIdle:
      break;
  }
  return v1::REBALANCE_STATE_IDLE;
}

void FillTransfer(const TransferView& view, v1::Transfer& message) {
  message.set_partition(view.partition);
  message.set_from(view.from);
  message.set_to(view.to);
  message.set_bytes(view.bytes);
  message.set_records(view.records);
}

}  // namespace

ClusterChange TakeChange(v1::Change& message) {
  ClusterChange change;
  for (v1::AddNode& node : *message.mutable_add()) change.add.push_back(TakeNode(node));
  for (std::string& id : *message.mutable_drain()) change.drain.push_back(std::move(id));
  for (std::string& id : *message.mutable_remove()) change.remove.push_back(std::move(id));
  for (v1::ReplaceNode& one : *message.mutable_replace()) {
    change.replace.push_back({std::move(*one.mutable_dead_id()), TakeNode(*one.mutable_with())});
  }
  for (v1::SetWeight& one : *message.mutable_set_weight()) {
    change.weights.push_back({std::move(*one.mutable_node_id()), one.weight()});
  }
  for (v1::SetZone& one : *message.mutable_set_zone()) {
    change.zones.push_back({std::move(*one.mutable_node_id()), std::move(*one.mutable_zone())});
  }
  return change;
}

void FillMessage(const ChangePlan& plan, v1::PlanChangeResponse& message) {
  message.set_epoch(plan.epoch);
  for (const NodeShareView& node : plan.nodes) {
    v1::NodeShare& added = *message.add_nodes();
    added.set_id(node.id);
    added.set_address(node.address);
    added.set_zone(node.zone);
    added.set_replicas_before(node.replicas_before);
    added.set_replicas_after(node.replicas_after);
    added.set_replicas_gained(node.replicas_gained);
    added.set_is_new(node.is_new);
    added.set_is_removed(node.is_removed);
  }
  message.set_replicas_to_move(plan.replicas_to_move);
  message.set_bytes_to_move(plan.bytes_to_move);
  message.set_bytes_are_known(plan.bytes_are_known);
}

void FillMessage(const RebalanceView& view, v1::Rebalance& message) {
  message.set_state(StateOf(view.state));
  message.set_epoch(view.epoch);
  message.set_description(view.description);
  message.set_replicas_total(view.replicas_total);
  message.set_replicas_done(view.replicas_done);
  message.set_replicas_moving(view.replicas_moving);
  message.set_bytes_moved(view.bytes_moved);
  message.set_bytes_per_second(view.bytes_per_second);
  message.set_bytes_per_second_max(view.bytes_per_second_max);
  if (view.time_left) {
    message.mutable_time_left()->set_seconds(absl::ToInt64Seconds(*view.time_left));
  }
  message.set_driver(view.driver);
  message.set_problem(view.problem);
  for (const TransferView& one : view.transfers) FillTransfer(one, *message.add_transfers());
  message.set_change_epoch(view.change_epoch);
  if (!view.last_ended) return;
  v1::EndedChange& ended = *message.mutable_last_ended();
  ended.set_change_epoch(view.last_ended->change_epoch);
  ended.set_description(view.last_ended->description);
  ended.set_was_aborted(view.last_ended->was_aborted);
}

void FillMessage(const ClusterEvent& event, v1::WatchClusterResponse& message) {
  message.set_epoch(event.epoch);
  message.set_nodes(event.nodes);
  message.set_nodes_up(event.nodes_up);
  FillMessage(event.rebalance, *message.mutable_rebalance());
}

}  // namespace quorumcache::service
