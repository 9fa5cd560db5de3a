// SPDX-License-Identifier: Apache-2.0
// World: events, clocks, clients and their operations.
#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "coordinator/quorum/make_operation.h"
#include "coordinator/quorum/slots.h"
#include "tests/history/check_history.h"

namespace quorumcache::sim {
namespace {

constexpr int64_t kSetValueStep = 1'000;

base::MonotonicTime AtMicros(int64_t us) {
  return base::MonotonicTime::FromNanos(us * 1'000);
}

}  // namespace

World::World(const Plan& plan, const SimOptions& options)
    : plan_(plan),
      options_(options),
      random_(plan.seed ^ 0x5157'4F52'4C44ull),
      node_offset_ms_(plan.node_offset_ms),
      ops_(plan.ops),
      monitor_(plan.slot_of_node.size()) {
  set_.epoch = 1;
  set_.ballot_floor_epoch = 1;
  for (size_t i = 0; i < plan.slot_of_node.size(); ++i) {
    nodes_.push_back(std::make_unique<SimNode>(100 + i, options.replica_mutations));
    set_.replicas.push_back({static_cast<uint16_t>(i), plan.slot_of_node[i]});
    set_.slot_count = std::max<uint8_t>(set_.slot_count, plan.slot_of_node[i] + 1);
  }
  if (plan.vacant_slot >= 0) set_.vacant_slots = static_cast<uint16_t>(1u << plan.vacant_slot);
  paused_until_us_.assign(nodes_.size(), 0);
  gone_.assign(nodes_.size(), false);
  for (int64_t offset_ms : plan.coordinator_offset_ms) {
    coordinators_.push_back(
        Coordinator{std::make_unique<model::HybridClock>(), next_proposer_++, offset_ms, {}});
    offset_min_ms_ = std::min(offset_min_ms_, offset_ms);
    offset_max_ms_ = std::max(offset_max_ms_, offset_ms);
  }
  for (int64_t offset_ms : plan.node_offset_ms) {
    offset_min_ms_ = std::min(offset_min_ms_, offset_ms);
    offset_max_ms_ = std::max(offset_max_ms_, offset_ms);
  }
  links_.assign(coordinators_.size(), std::vector<Link>(nodes_.size()));
  clients_.resize(ops_.size());
  result_.history.resize(ops_.size());
}

World::~World() = default;

WorldResult World::Run() {
  for (uint32_t i = 0; i < ops_.size(); ++i) Push(ops_[i].at_us, EventKind::kIssue, i);
  for (uint32_t i = 0; i < plan_.faults.size(); ++i) {
    Push(plan_.faults[i].at_us, EventKind::kFault, i);
  }
  RunEvents();
  Heal();
  ReadFinally();
  CheckConvergence();
  history::NumberProcesses(&result_.history);
  AddExpiries();
  if (result_.violation.empty()) result_.violation = monitor_.violation();
  return std::move(result_);
}

void World::Push(int64_t at_us, EventKind kind, uint32_t index) {
  events_.push(Event{at_us, sequence_++, kind, index});
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
      return StartTry(event.index, coordinator, clients_[event.index].mutation, false);
    }
  }
}

// FNV-1a over words.
void World::Hash(uint64_t word) {
  result_.state_hash = (result_.state_hash ^ word) * 0x100000001B3ull + 0x9E3779B97F4A7C15ull;
}

uint64_t World::WallMs(int64_t offset_ms) const {
  return static_cast<uint64_t>(kWallStartMs + now_us_ / 1'000 + offset_ms);
}

base::Now World::NowAt(uint8_t coordinator) const {
  return base::Now{AtMicros(now_us_), WallMs(coordinators_[coordinator].offset_ms)};
}

quorum::OperationContext World::ContextOf(uint8_t coordinator, const PlannedOp& planned) {
  quorum::OperationContext context;
  context.clock = coordinators_[coordinator].clock.get();
  context.random = &random_;
  context.proposer = coordinators_[coordinator].proposer;
  context.replicas = set_;
  // Each coordinator has its own order of preference.
  std::rotate(context.replicas.replicas.begin(),
              context.replicas.replicas.begin() +
                  static_cast<int64_t>(random_.Uniform(set_.replicas.size())),
              context.replicas.replicas.end());
  context.deadline = AtMicros(now_us_ + planned.timeout_us);
  context.consistency = planned.consistency;
  context.mutant = options_.mutant;
  return context;
}

quorum::Mutation World::MutationOf(uint32_t index, const PlannedOp& planned, uint8_t coordinator) {
  ClientOp& op = result_.history[index];
  quorum::Mutation mutation;
  switch (planned.kind) {
    case ClientOpKind::kDelete:
      mutation.kind = quorum::MutationKind::kDelete;
      break;
    case ClientOpKind::kTouch:
      mutation.kind = quorum::MutationKind::kTouch;
      break;
    case ClientOpKind::kIncrement:
      mutation.kind = quorum::MutationKind::kIncrement;
      break;
    default:
      mutation.kind = quorum::MutationKind::kSet;
      break;
  }
  if (planned.kind == ClientOpKind::kSet) op.value = (index + 1) * kSetValueStep;
  if (planned.kind == ClientOpKind::kIncrement) op.value = 1;
  mutation.value = absl::StrCat(op.value);
  mutation.delta = op.value;
  if (planned.ttl_ms != 0) {
    const uint64_t wall_ms = WallMs(coordinators_[coordinator].offset_ms);
    mutation.expire_at_ms = wall_ms + static_cast<uint64_t>(planned.ttl_ms);
    op.has_ttl = true;
  }
  op.keep_ttl = mutation.keep_ttl = planned.keep_ttl;
  op.return_previous = mutation.return_previous = planned.return_previous;
  mutation.condition.kind = static_cast<quorum::ConditionKind>(planned.condition);
  mutation.condition.version = op.if_version = seen_version_;
  op.if_value = seen_value_;
  if (planned.has_request_id) mutation.request_id = model::RequestId{0, index + 1};
  return mutation;
}

void World::Issue(uint32_t index) {
  const PlannedOp& planned = ops_[index];
  ClientOp& op = result_.history[index];
  op.invoked_ns = now_us_ * 1'000;
  op.kind = planned.kind;
  op.condition = planned.condition;
  clients_[index].retries_left = planned.retries;
  const bool is_read = planned.kind == ClientOpKind::kGet;
  if (!is_read) clients_[index].mutation = MutationOf(index, planned, planned.coordinator);
  ++result_.operations;
  StartTry(index, planned.coordinator, clients_[index].mutation, is_read);
}

void World::StartTry(uint32_t client_op, uint8_t coordinator, quorum::Mutation mutation,
                     bool is_read) {
  Coordinator& home = coordinators_[coordinator];
  quorum::OperationContext context = ContextOf(coordinator, ops_[client_op]);
  Try attempt;
  attempt.coordinator = coordinator;
  attempt.client_op = client_op;
  if (is_read) {
    const absl::Duration hedge = plan_.hedge_delay_us == 0
                                     ? absl::InfiniteDuration()
                                     : absl::Microseconds(plan_.hedge_delay_us);
    attempt.operation = quorum::MakeRead(std::move(context), {}, hedge);
  } else if (!mutation.IsBlind() && plan_.reserve_ballots) {
    quorum::RegisterOptions register_options;
    register_options.reserve_next = true;
    register_options.cached = std::exchange(home.cached, std::nullopt);
    auto op = std::make_unique<quorum::RegisterOp>(
        std::move(context), model::Key{}, std::move(mutation), std::move(register_options));
    attempt.reserving = op.get();
    attempt.operation = std::move(op);
  } else {
    attempt.operation = quorum::MakeMutation(std::move(context), {}, std::move(mutation));
  }
  tries_.push_back(std::move(attempt));
  const auto index = static_cast<uint32_t>(tries_.size() - 1);
  Perform(index, tries_[index].operation->Start(NowAt(coordinator)));
}

void World::Perform(uint32_t attempt, const quorum::Actions& actions) {
  for (const quorum::Send& send : actions.sends) SendOne(attempt, send);
  if (actions.finished) return Finish(attempt);
  Arm(attempt);
}

void World::Arm(uint32_t attempt) {
  Try& live = tries_[attempt];
  const base::MonotonicTime wake = live.operation->wake_at();
  if (wake == base::MonotonicTime::Infinite()) return;
  const int64_t due_us = wake.nanos() / 1'000 + 1;
  if (due_us == live.armed_us) return;
  live.armed_us = due_us;
  Push(due_us, EventKind::kTimer, attempt);
}

void World::OnTimer(uint32_t attempt) {
  Try& live = tries_[attempt];
  if (live.operation == nullptr || live.armed_us > now_us_) return;
  live.armed_us = kNever;
  Perform(attempt, live.operation->OnTimer(NowAt(live.coordinator)));
}

void World::Finish(uint32_t attempt) {
  Try& live = tries_[attempt];
  quorum::OpResult& result = live.operation->result();
  ClientOp& op = result_.history[live.client_op];
  Hash(static_cast<uint64_t>(result.error));
  if (live.reserving != nullptr) {
    coordinators_[live.coordinator].cached = live.reserving->TakeCachedBallot();
  }
  Record(result, &op);
  if (op.outcome == ClientOutcome::kOk) {
    const size_t required = quorum::SlotsRequired(set_, ops_[live.client_op].consistency);
    monitor_.OnAnswer(op.version, set_, required);
  }
  if (op.outcome == ClientOutcome::kUnknown) MaybeRetry(attempt);
  tries_[attempt].operation.reset();
}

void World::Record(const quorum::OpResult& result, ClientOp* op) {
  using quorum::OpError;
  const bool is_read = op->kind == ClientOpKind::kGet;
  const bool condition_failed = result.error == OpError::kKeyExists ||
                                result.error == OpError::kKeyNotFound ||
                                result.error == OpError::kEtagMismatch;
  if (result.outcome == quorum::Outcome::kUnknown) return;
  op->returned_ns = now_us_ * 1'000;
  op->outcome = result.error == OpError::kNone ? ClientOutcome::kOk
                : condition_failed             ? ClientOutcome::kConditionFailed
                                               : ClientOutcome::kNotApplied;
  if (op->outcome == ClientOutcome::kNotApplied) return;
  op->found = result.found;
  op->version = result.version;
  if (is_read && result.found) QC_CHECK(absl::SimpleAtoi(result.record.value, &op->value_read));
  if (op->kind == ClientOpKind::kIncrement) op->value_read = result.number;
  op->previous_known = op->return_previous && (result.previous || !result.found);
  if (result.previous) {
    op->has_previous = true;
    QC_CHECK(absl::SimpleAtoi(result.previous->value, &op->value_read));
  }
  // A Touch does not tell the value, and the model needs it where nobody knows a writer's version.
  const bool tells_value = op->kind != ClientOpKind::kTouch && op->kind != ClientOpKind::kDelete;
  if (op->outcome != ClientOutcome::kOk || op->version.IsZero() || !tells_value) return;
  seen_version_ = op->version;
  if (is_read || op->kind == ClientOpKind::kIncrement) seen_value_ = op->value_read;
  if (op->kind == ClientOpKind::kSet) seen_value_ = op->value;
}

// Told `unknown`, the client tries again with its request id and the `first` it was given.
void World::MaybeRetry(uint32_t attempt) {
  const Try& live = tries_[attempt];
  Client& client = clients_[live.client_op];
  if (client.retries_left == 0 || !client.mutation.request_id) return;
  --client.retries_left;
  if (client.mutation.first.IsZero()) client.mutation.first = live.operation->result().first;
  Push(now_us_ + DrawDelay() * 8, EventKind::kRetry, live.client_op);
}

}  // namespace quorumcache::sim
