// SPDX-License-Identifier: Apache-2.0
// World: joiners, droppers and drivers, and what they ask of each other.
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "storage_node/replica/assignments.h"
#include "tests/sim/topology.h"
#include "tests/sim/world.h"

namespace quorumcache::sim {
namespace {

using replica::PullReply;
using topology::ClusterMap;

// Ids are "n" and the index.
uint8_t NodeOf(const std::string& id) {
  return static_cast<uint8_t>(std::stoi(id.substr(1)));
}

rebalance::DriverOptions DriverOptionsOf(const SimOptions& options) {
  rebalance::DriverOptions driver;
  driver.poll = absl::Microseconds(700);
  driver.publish_gap_min = absl::Microseconds(300);
  driver.backoff_min = absl::Microseconds(500);
  driver.backoff_max = absl::Milliseconds(4);
  driver.mutant = options.driver_mutant;
  return driver;
}

replica::JoinerOptions JoinerOptionsOf() {
  replica::JoinerOptions joiner;
  joiner.backoff_min = absl::Microseconds(300);
  joiner.backoff_max = absl::Milliseconds(4);
  return joiner;
}

}  // namespace

base::MonotonicTime World::MonotonicNow() const {
  return base::MonotonicTime::FromNanos(now_us_ * 1'000);
}

replica::Self World::SelfOf(size_t node) const {
  return {absl::StrCat("n", node), nodes_[node].node->incarnation()};
}

// A process begins: what the earlier one had asked for comes to nobody.
void World::StartNodeTopology(uint8_t node) {
  TopologyState::NodeSide& side = topology_->nodes[node];
  ++side.generation;
  side.armed_us = kNever;
  side.map_epoch = 0;
  side.joiner = std::make_unique<replica::Joiner>(JoinerOptionsOf());
  replica::DropperOptions dropper;
  dropper.poll = absl::Milliseconds(1);
  dropper.drops_unasked = options_.drops_unasked;
  side.dropper = std::make_unique<replica::Dropper>(dropper);
  if (!nodes_[node].node->is_up()) return;
  NoticeWipe(node);
  SpreadToNode(node);
}

void World::TellNode(uint8_t node, const ClusterMap& map) {
  SimNode& process = *nodes_[node].node;
  if (!process.is_up() || map.epoch <= topology_->nodes[node].map_epoch) return;
  topology_->nodes[node].map_epoch = map.epoch;
  process.Configure(replica::AssignmentsOf(map, SelfOf(node))[0]);
  NoticeWipe(node);
  if (process.replica().partitions().assigned_epoch(0) < map.partitions[0].epoch) {
    // Its disk was full: it tries again, as the node's own follower does.
    topology_->nodes[node].map_epoch = 0;
    return AtNode(2'000, node, [this, node] { TellNode(node, topology_->map()); });
  }
  TellTasks(node, map);
}

void World::NoticeWipe(uint8_t node) {
  const replica::PartitionRow& row = nodes_[node].node->replica().partitions().row(0);
  uint32_t& known = topology_->nodes[node].join_id;
  if (row.copy != replica::CopyState::kJoining || row.join_id == known) return;
  known = row.join_id;
  monitor_.OnCopyGone(node);
}

void World::TellTasks(uint8_t node, const ClusterMap& map) {
  TopologyState::NodeSide& side = topology_->nodes[node];
  const replica::Replica& replica = nodes_[node].node->replica();
  std::vector<replica::JoinTask> joins = replica::JoinTasksOf(map, SelfOf(node), replica);
  for (replica::JoinTask& task : joins) {
    if (options_.one_source_for_a_dead_node) task.sources_needed = 1;
  }
  Join(node, side.joiner->OnTasks(joins, MonotonicNow()));
  Drop(node, side.dropper->OnTasks(replica::DropTasksOf(map, replica), MonotonicNow()));
}

// Runs `action` later, unless the process has ended by then.
template <typename Action>
void World::AtNode(int64_t delay_us, uint8_t node, Action action) {
  const uint32_t generation = topology_->nodes[node].generation;
  At(now_us_ + delay_us, [this, node, generation, action] {
    const bool lives =
        nodes_[node].node->is_up() && topology_->nodes[node].generation == generation;
    if (lives) action();
  });
}

void World::Join(uint8_t node, const replica::Joiner::Actions& actions) {
  const uint32_t generation = topology_->nodes[node].generation;
  for (const auto& pull : actions.pulls) {
    auto reply = std::make_shared<PullReply>();
    Ask(
        NodeOf(pull.source.id),
        [reply, request = pull.request](SimNode& source, uint64_t) {
          *reply = source.replica().Export(request);
        },
        [this, node, generation, reply, id = pull.id](bool answered) {
          if (topology_->nodes[node].generation != generation) return;
          if (!answered) *reply = PullReply{model::ReplyStatus::kLost, "lost", ""};
          if (options_.trace) TraceTopology("page", node, reply->message);
          Join(node, topology_->nodes[node].joiner->OnPage(id, std::move(*reply), MonotonicNow()));
        });
  }
  for (const auto& import : actions.imports) {
    AtNode(DrawDelay(), node, [this, node, import] {
      const replica::ImportResult result = nodes_[node].node->replica().Import(import.request);
      if (result.status.ok()) monitor_.OnImported(node);
      nodes_[node].is_copied_anew |= result.complete;
      if (options_.trace) TraceTopology(result.complete ? "imported, whole" : "imported", node, "");
      Join(node, topology_->nodes[node].joiner->OnImported(import.id, result, MonotonicNow()));
    });
  }
  ArmNode(node);
}

void World::Drop(uint8_t node, const replica::Dropper::Actions& actions) {
  const uint32_t generation = topology_->nodes[node].generation;
  for (const auto& ask : actions.asks) {
    auto epochs =
        std::make_shared<absl::StatusOr<std::vector<uint32_t>>>(absl::UnavailableError("lost"));
    Ask(
        NodeOf(ask.node.id),
        [epochs, incarnation = ask.node.incarnation](SimNode& other, uint64_t) {
          if (other.incarnation() != incarnation) return;
          *epochs = std::vector<uint32_t>{other.replica().partitions().row(0).epoch};
        },
        [this, node, generation, epochs, id = ask.id](bool answered) {
          if (topology_->nodes[node].generation != generation) return;
          if (!answered) *epochs = absl::UnavailableError("lost");
          Drop(node, topology_->nodes[node].dropper->OnEpochs(id, *epochs, MonotonicNow()));
        });
  }
  for (const uint32_t partition : actions.drops) {
    AtNode(DrawDelay(), node, [this, node, partition] {
      replica::Replica& replica = nodes_[node].node->replica();
      replica::DropProgress progress{absl::AbortedError("it is held again"), false, 0};
      if (!replica.partitions().IsHeld(partition)) {
        monitor_.OnCopyGone(node);
        progress = replica.DropSome(partition);
        if (options_.trace) TraceTopology("drops", node, "");
      }
      Drop(node, topology_->nodes[node].dropper->OnDropped(partition, progress, MonotonicNow()));
    });
  }
  ArmNode(node);
}

void World::ArmNode(uint8_t node) {
  TopologyState::NodeSide& side = topology_->nodes[node];
  const base::MonotonicTime wake = std::min(side.joiner->wake_at(), side.dropper->wake_at());
  if (wake == base::MonotonicTime::Infinite()) return;
  const int64_t due_us = std::max(now_us_, wake.nanos() / 1'000) + 1;
  if (due_us >= side.armed_us || due_us > topology_->timers_end_us) return;
  side.armed_us = due_us;
  AtNode(due_us - now_us_, node, [this, node] {
    TopologyState::NodeSide& woken = topology_->nodes[node];
    woken.armed_us = kNever;
    Join(node, woken.joiner->OnTimer(MonotonicNow()));
    Drop(node, woken.dropper->OnTimer(MonotonicNow()));
  });
}

void World::StartDriver(uint8_t coordinator) {
  TopologyState::CoordinatorSide& side = topology_->coordinators[coordinator];
  ++side.generation;
  side.armed_us = kNever;
  side.driver = std::make_unique<rebalance::Driver>(DriverOptionsOf(options_));
  Drive(coordinator, side.driver->OnMap(topology_->map(), MonotonicNow()));
}

// Who had it may not have heard that it is over.
void World::GiveLease(uint8_t coordinator) {
  for (uint8_t i = 0; i < coordinators_.size(); ++i) {
    if (i != coordinator && random_.OneIn(3)) continue;
    rebalance::Driver& driver = *topology_->coordinators[i].driver;
    Drive(i, driver.OnLease(i == coordinator, MonotonicNow()));
  }
}

template <typename Action>
void World::AtCoordinator(int64_t delay_us, uint8_t coordinator, Action action) {
  const uint32_t generation = topology_->coordinators[coordinator].generation;
  const int64_t pause_us =
      std::max<int64_t>(0, coordinators_[coordinator].paused_until_us - now_us_);
  At(now_us_ + delay_us + pause_us, [this, coordinator, generation, action] {
    if (topology_->coordinators[coordinator].generation == generation) action();
  });
}

void World::Drive(uint8_t coordinator, const rebalance::Driver::Actions& actions) {
  if (actions.publish.has_value()) {
    AtCoordinator(DrawDelay(), coordinator, [this, coordinator, publish = *actions.publish] {
      const absl::Status status = Publish(publish.expected_epoch, publish.map);
      AtCoordinator(DrawDelay(), coordinator, [this, coordinator, status] {
        rebalance::Driver& driver = *topology_->coordinators[coordinator].driver;
        Drive(coordinator, driver.OnPublished(status, MonotonicNow()));
      });
    });
  }
  for (const std::string& id : actions.asks) AskJoiner(coordinator, id);
  ArmDriver(coordinator);
}

void World::AskJoiner(uint8_t coordinator, const std::string& id) {
  const uint32_t generation = topology_->coordinators[coordinator].generation;
  auto report = std::make_shared<rebalance::JoinReport>();
  Ask(
      NodeOf(id),
      [report](SimNode& joiner, uint64_t) {
        report->incarnation = joiner.incarnation();
        for (const replica::JoinState& join : joiner.replica().Joins()) {
          report->joins.push_back(
              {join.partition, join.join_id, join.complete, join.keys, join.size_bytes});
        }
      },
      [this, coordinator, generation, report, id](bool answered) {
        if (topology_->coordinators[coordinator].generation != generation) return;
        rebalance::Driver& driver = *topology_->coordinators[coordinator].driver;
        absl::StatusOr<rebalance::JoinReport> heard = *report;
        if (!answered) heard = absl::UnavailableError("lost");
        Drive(coordinator, driver.OnJoins(id, heard, MonotonicNow()));
      });
}

void World::ArmDriver(uint8_t coordinator) {
  TopologyState::CoordinatorSide& side = topology_->coordinators[coordinator];
  const base::MonotonicTime wake = side.driver->wake_at();
  if (wake == base::MonotonicTime::Infinite()) return;
  const int64_t due_us = std::max(now_us_, wake.nanos() / 1'000) + 1;
  if (due_us >= side.armed_us || due_us > topology_->timers_end_us) return;
  side.armed_us = due_us;
  AtCoordinator(due_us - now_us_, coordinator, [this, coordinator] {
    TopologyState::CoordinatorSide& woken = topology_->coordinators[coordinator];
    woken.armed_us = kNever;
    Drive(coordinator, woken.driver->OnTimer(MonotonicNow()));
  });
}

// Anti-entropy, or a hint: what one member holds is delivered to another one, late.
void World::Repair(const PlannedStep& step) {
  model::ReplicaRequest read;
  read.key = model::Key{"default", "k"};
  read.incarnation = 100 + step.node;
  read.body = model::ReadRequest{};
  auto held = std::make_shared<model::ReplicaReply>();
  Ask(
      step.node,
      [this, read, held, node = step.node](SimNode& from, uint64_t wall_ms) {
        model::ReplicaRequest request = read;
        request.epoch = from.replica().partitions().row(0).epoch;
        request.incarnation = from.incarnation();
        if (!from.replica().partitions().HasWholeCopy(0)) return;
        *held = from.Execute(std::span(&request, 1), wall_ms)[0];
      },
      [this, held, step](bool answered) {
        if (!answered || held->status != model::ReplyStatus::kOk || held->accepted.IsZero()) return;
        At(now_us_ + static_cast<int64_t>(random_.Uniform(static_cast<uint64_t>(step.duration_us))),
           [this, held, step] { DeliverRepair(step, *held); });
      });
}

void World::DeliverRepair(const PlannedStep& step, const model::ReplicaReply& held) {
  model::ReplicaRequest request;
  request.key = model::Key{"default", "k"};
  request.incarnation = 100 + step.other;
  request.body = model::AcceptRequest{held.accepted, *held.record, {}, false, /*repair=*/true};
  Ask(
      step.other,
      [this, request, node = step.other](SimNode& to, uint64_t wall_ms) {
        const model::ReplicaReply reply = to.Execute(std::span(&request, 1), wall_ms)[0];
        monitor_.OnExecuted(node, request, reply, to.floor(), wall_ms);
        if (options_.trace) TraceTopology("repaired", node, reply.message);
      },
      [](bool) {});
}

void World::TraceMap(const ClusterMap& map) const {
  std::string slots;
  for (const topology::Slot& slot : map.partitions[0].slots) {
    absl::StrAppend(&slots, slot.IsVacant() ? " vacant" : "");
    for (const topology::NodeIndex node : slot.Nodes()) absl::StrAppend(&slots, " n", node);
    absl::StrAppend(&slots, ",");
  }
  std::printf("%8lld us  MAP %llu entry %u floor %u:%s\n", static_cast<long long>(now_us_),
              static_cast<unsigned long long>(map.epoch), map.partitions[0].epoch,
              map.partitions[0].ballot_floor_epoch, slots.c_str());
}

void World::TraceTopology(const char* what, uint8_t node, const std::string& message) const {
  std::printf("%8lld us  node %u: %s %s\n", static_cast<long long>(now_us_), node, what,
              message.c_str());
}

}  // namespace quorumcache::sim
