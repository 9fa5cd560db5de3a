// SPDX-License-Identifier: Apache-2.0
// World: the cluster map, who changes it and who hears of it when.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/topology/validate.h"
#include "coordinator/rebalance/plan.h"
#include "coordinator/ring/ring.h"
#include "storage_node/replica/assignments.h"
#include "tests/sim/topology.h"
#include "tests/sim/world.h"

namespace quorumcache::sim {
namespace {

using topology::ClusterMap;
using topology::PartitionEntry;
using topology::Slot;

// One key, so one partition.
ClusterMap FirstMap(const Plan& plan) {
  ClusterMap map;
  map.cluster_id = "sim";
  map.epoch = 1;
  map.replication_factor = static_cast<uint32_t>(plan.slot_of_node.size());
  const size_t nodes = plan.slot_of_node.size() + plan.spare_nodes;
  PartitionEntry entry{.epoch = 1, .ballot_floor_epoch = 1, .slots = {}};
  for (size_t i = 0; i < nodes; ++i) {
    map.nodes.push_back(topology::Node{
        .id = absl::StrCat("n", i), .address = absl::StrCat("n", i, ":1"), .incarnation = 100 + i});
    if (i < plan.slot_of_node.size()) {
      entry.slots.push_back(Slot::Settled(static_cast<topology::NodeIndex>(i)));
    }
  }
  map.partitions.push_back(entry);
  return map;
}

bool IsNamed(const PartitionEntry& entry, topology::NodeIndex node) {
  return std::any_of(entry.slots.begin(), entry.slots.end(),
                     [&](const Slot& slot) { return slot.Names(node); });
}

}  // namespace

void World::MakeTopology() {
  topology_ = std::make_unique<TopologyState>();
  topology_->maps.push_back(FirstMap(plan_));
  topology_->nodes.resize(nodes_.size());
  topology_->coordinators.resize(plan_.coordinator_clocks.size());
  for (const PlannedStep& step : plan_.steps) {
    topology_->timers_end_us = std::max(topology_->timers_end_us, step.at_us + 60'000);
  }
  published_ = SetOf(topology_->map());
}

// After the coordinators have been made.
void World::StartTopology() {
  for (uint8_t i = 0; i < coordinators_.size(); ++i) StartDriver(i);
  GiveLease(0);
  for (const PlannedStep& step : plan_.steps) {
    At(step.at_us, [this, step] { Take(step); });
  }
}

model::ReplicaSet World::SetOf(const ClusterMap& map) const {
  return ring::Ring(map).replicas(0);
}

bool World::StoreIsDown() const {
  return topology_ != nullptr && topology_->store_down_until_us > now_us_;
}

// Compare-and-set. What is unavailable may have been done all the same.
absl::Status World::Publish(uint64_t expected_epoch, const ClusterMap& map) {
  TopologyState& state = *topology_;
  const bool answer_is_lost = StoreIsDown() && state.store_down_until_us - now_us_ < 300;
  if (StoreIsDown() && !answer_is_lost) return absl::UnavailableError("the store is away");
  if (state.map().epoch != expected_epoch) return absl::AbortedError("another epoch");
  QC_CHECK(topology::Validate(map).ok());
  QC_CHECK(topology::ValidateSuccessor(state.map(), map).ok());
  state.maps.push_back(map);
  published_ = SetOf(map);
  Hash(map.epoch);
  if (options_.trace) TraceMap(map);
  for (uint8_t i = 0; i < nodes_.size(); ++i) SpreadToNode(i);
  for (uint8_t i = 0; i < coordinators_.size(); ++i) SpreadToCoordinator(i);
  return answer_is_lost ? absl::UnavailableError("the answer is lost") : absl::OkStatus();
}

// Some hear of it at once, some late, some only when they are told that what they know is old.
int64_t World::DrawMapDelay() {
  if (healed_ || plan_.late_nodes != 0) return DrawDelay();
  if (random_.OneIn(3)) return DrawDelay() + static_cast<int64_t>(random_.Uniform(15'000));
  return DrawDelay() * 2;
}

bool World::IsDeaf(uint16_t deaf, uint8_t index) const {
  return !healed_ && ((deaf >> index) & 1) != 0;
}

void World::SpreadToNode(uint8_t node) {
  const size_t index = topology_->maps.size() - 1;
  int64_t delay_us = DrawMapDelay();
  if (IsDeaf(plan_.late_nodes, node)) delay_us += static_cast<int64_t>(random_.Uniform(12'000));
  if (IsDeaf(plan_.deaf_nodes, node)) return;
  if (nodes_[node].paused_until_us > now_us_) delay_us += nodes_[node].paused_until_us - now_us_;
  At(now_us_ + delay_us, [this, node, index] { TellNode(node, topology_->maps[index]); });
}

void World::SpreadToCoordinator(uint8_t coordinator) {
  const size_t index = topology_->maps.size() - 1;
  // A zombie: it drives and serves by what it has until somebody refuses it.
  const bool is_told =
      healed_ || (!random_.OneIn(4) && !IsDeaf(plan_.deaf_coordinators, coordinator));
  if (!is_told) return;
  int64_t delay_us = DrawMapDelay();
  const int64_t paused_until_us = coordinators_[coordinator].paused_until_us;
  if (paused_until_us > now_us_) delay_us += paused_until_us - now_us_;
  At(now_us_ + delay_us, [this, coordinator, index] {
    const ClusterMap& map = topology_->maps[index];
    model::ReplicaSet set = SetOf(map);
    if (set.epoch > coordinators_[coordinator].set.epoch) coordinators_[coordinator].set = set;
    Drive(coordinator, topology_->coordinators[coordinator].driver->OnMap(map, MonotonicNow()));
  });
}

void World::Take(const PlannedStep& step) {
  ++result_.steps[static_cast<size_t>(step.kind)];
  switch (step.kind) {
    case StepKind::kMove:
    case StepKind::kReplace:
      return Commit(step);
    case StepKind::kAbort: {
      const auto next = rebalance::MakeAbort(topology_->map());
      if (next.ok()) Publish(topology_->map().epoch, *next).IgnoreError();
      return;
    }
    case StepKind::kStoreDown:
      topology_->store_down_until_us = now_us_ + step.duration_us;
      return;
    case StepKind::kRepair:
      return Repair(step);
    case StepKind::kLease:
      return GiveLease(step.coordinator);
  }
}

void World::Commit(const PlannedStep& step) {
  const ClusterMap& map = topology_->map();
  const PartitionEntry& entry = map.partitions[0];
  if (map.change.has_value() || IsNamed(entry, step.node)) return;
  topology::PlannedMove move{.partition = 0,
                             .slot = step.slot,
                             .from = entry.slots[step.slot].holder,
                             .to = step.node,
                             .from_is_dead = step.kind == StepKind::kReplace};
  ClusterMap next = map;
  ++next.epoch;
  next.change = topology::Change{
      .id = static_cast<uint32_t>(next.epoch), .summary = "sim", .moves_total = 1, .moves = {move}};
  const auto other_slot = static_cast<uint8_t>((step.slot + 1) % entry.slots.size());
  if (!IsNamed(entry, step.other) && step.other != step.node) {
    next.change->moves_total = 2;
    next.change->moves.push_back({.partition = 0,
                                  .slot = other_slot,
                                  .from = entry.slots[other_slot].holder,
                                  .to = step.other});
  }
  Publish(map.epoch, next).IgnoreError();
}

// The members stay: only that there is a newer entry has to be learnt.
void World::RaiseEpochInMap() {
  ClusterMap next = topology_->map();
  ++next.epoch;
  next.partitions[0].epoch = static_cast<uint32_t>(next.epoch);
  const bool raises_floor = next.partitions[0].IsSettled() && random_.OneIn(2);
  if (raises_floor) next.partitions[0].ballot_floor_epoch = next.partitions[0].epoch;
  Publish(topology_->map().epoch, next).IgnoreError();
}

// Everybody hears of the present map, and what can be finished is.
void World::FinishTopology() {
  if (topology_ == nullptr) return;
  topology_->store_down_until_us = 0;
  topology_->timers_end_us = now_us_ + 400'000;
  for (uint8_t i = 0; i < nodes_.size(); ++i) SpreadToNode(i);
  for (uint8_t i = 0; i < coordinators_.size(); ++i) SpreadToCoordinator(i);
  for (uint8_t i = 0; i < nodes_.size(); ++i) ArmNode(i);
  GiveLease(0);
  RunEvents();
  CheckChangeIsOver();
  for (Coordinator& coordinator : coordinators_) coordinator.set = published_;
}

// Nothing stands in the way of a change while every node still has what it had.
void World::CheckChangeIsOver() {
  const bool is_whole =
      std::none_of(nodes_.begin(), nodes_.end(), [](const NodeState& node) { return node.gone; });
  if (!is_whole || !topology_->map().change.has_value() || !result_.violation.empty()) return;
  result_.violation = "a change of members does not come to its end";
}

}  // namespace quorumcache::sim
