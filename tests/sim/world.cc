// SPDX-License-Identifier: Apache-2.0
// World: how it is made, its events and its clocks.
#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "tests/history/check_history.h"

namespace quorumcache::sim {
World::World(const Plan& plan, const SimOptions& options)
    : plan_(plan),
      options_(options),
      random_(plan.seed ^ 0x5157'4F52'4C44ull),
      ops_(plan.ops),
      monitor_(plan.slot_of_node.size() + plan.spare_nodes) {
  published_.epoch = 1;
  published_.ballot_floor_epoch = 1;
  for (size_t i = 0; i < plan.slot_of_node.size(); ++i) {
    nodes_.push_back(NodeState{std::make_unique<SimNode>(100 + i, options.replica_mutations),
                               plan.node_clocks[i],
                               0,
                               {},
                               false});
    published_.replicas.push_back({static_cast<uint16_t>(i), plan.slot_of_node[i]});
    published_.slot_count = std::max<uint8_t>(published_.slot_count, plan.slot_of_node[i] + 1);
  }
  if (plan.vacant_slot >= 0)
    published_.vacant_slots = static_cast<uint16_t>(1u << plan.vacant_slot);
  for (size_t i = nodes_.size(); i < plan.slot_of_node.size() + plan.spare_nodes; ++i) {
    nodes_.push_back(NodeState{std::make_unique<SimNode>(100 + i, options.replica_mutations),
                               plan.node_clocks[i],
                               0,
                               {},
                               false});
  }
  if (plan.spare_nodes > 0) MakeTopology();
  for (size_t i = 0; i < nodes_.size(); ++i) StartNode(i);
  for (const SimClock& clock : plan.coordinator_clocks) {
    coordinators_.push_back(Coordinator{
        std::make_unique<model::HybridClock>(), next_proposer_++, clock, 0, published_, {}});
  }
  links_.assign(coordinators_.size(), std::vector<Link>(nodes_.size()));
  clients_.resize(ops_.size());
  result_.history.resize(ops_.size());
}

World::~World() = default;

WorldResult World::Run() {
  if (topology_ != nullptr) StartTopology();
  for (uint32_t i = 0; i < ops_.size(); ++i) Push(ops_[i].at_us, EventKind::kIssue, i);
  for (uint32_t i = 0; i < plan_.faults.size(); ++i) {
    Push(plan_.faults[i].at_us, EventKind::kFault, i);
  }
  for (uint32_t i = 0; i < plan_.rounds.size(); ++i) {
    Push(plan_.rounds[i].at_us, EventKind::kRound, i);
  }
  RunEvents();
  Heal();
  ReadFinally();
  CheckConvergence();
  history::NumberProcesses(&result_.history);
  AddExpiries();
  if (result_.violation.empty()) result_.violation = monitor_.violation();
  if (result_.violation.empty()) result_.violation = chain_.violation();
  return std::move(result_);
}

void World::Push(int64_t at_us, EventKind kind, uint32_t index) {
  events_.push(Event{at_us, sequence_++, kind, index});
}

void World::At(int64_t at_us, std::function<void()> call) {
  calls_.push_back(std::move(call));
  Push(at_us, EventKind::kCall, static_cast<uint32_t>(calls_.size() - 1));
}

void World::RunEvents() {
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    now_us_ = std::max(now_us_, event.at_us);
    Handle(event);
  }
}

void World::Handle(const Event& event) {
  Hash(static_cast<uint64_t>(now_us_));
  Hash((static_cast<uint64_t>(event.kind) << 32) | event.index);
  switch (event.kind) {
    case EventKind::kIssue:
      return Issue(event.index);
    case EventKind::kRequest:
      return DeliverRequest(event.index);
    case EventKind::kInbox:
      return OpenInbox(static_cast<uint8_t>(event.index));
    case EventKind::kReply:
      return DeliverReply(event.index);
    case EventKind::kTimer:
      return OnTimer(event.index);
    case EventKind::kFault:
      return BeginFault(plan_.faults[event.index], event.index);
    case EventKind::kFaultEnd:
      return EndFault(plan_.faults[event.index]);
    case EventKind::kRetry: {
      const auto coordinator = static_cast<uint8_t>(random_.Uniform(coordinators_.size()));
      return StartTry(event.index, coordinator, clients_[event.index].mutation,
                      now_us_ + ops_[event.index].timeout_us);
    }
    case EventKind::kStartOver:
      return StartOver(event.index);
    case EventKind::kRound:
      return StartRound(plan_.rounds[event.index]);
    case EventKind::kAsk:
      return DeliverQuestion(event.index);
    case EventKind::kCall:
      return std::exchange(calls_[event.index], nullptr)();
    case EventKind::kAskAnswer:
      return std::exchange(questions_[event.index].done, nullptr)(questions_[event.index].answered);
  }
}

// FNV-1a over words.
void World::Hash(uint64_t word) {
  result_.state_hash = (result_.state_hash ^ word) * 0x100000001B3ull + 0x9E3779B97F4A7C15ull;
}

uint64_t World::WallMs(const SimClock& clock) {
  const int64_t offset_ms = clock.offset_ms + now_us_ * clock.drift_permille / 1'000'000;
  offset_min_ms_ = std::min(offset_min_ms_, offset_ms);
  offset_max_ms_ = std::max(offset_max_ms_, offset_ms);
  return static_cast<uint64_t>(kWallStartMs + now_us_ / 1'000 + offset_ms);
}

base::Now World::NowAt(uint8_t coordinator) {
  return base::Now{base::MonotonicTime::FromNanos(now_us_ * 1'000),
                   WallMs(coordinators_[coordinator].wall)};
}

}  // namespace quorumcache::sim
