// SPDX-License-Identifier: Apache-2.0
// World: clients and their operations.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "coordinator/quorum/make_operation.h"
#include "coordinator/quorum/slots.h"
#include "tests/sim/world.h"

namespace quorumcache::sim {
namespace {

constexpr int64_t kSetValueStep = 1'000;

quorum::MutationKind MutationKindOf(ClientOpKind kind) {
  switch (kind) {
    case ClientOpKind::kDelete:
      return quorum::MutationKind::kDelete;
    case ClientOpKind::kTouch:
      return quorum::MutationKind::kTouch;
    case ClientOpKind::kIncrement:
      return quorum::MutationKind::kIncrement;
    default:
      return quorum::MutationKind::kSet;
  }
}

}  // namespace

quorum::OperationContext World::ContextOf(uint8_t coordinator, const PlannedOp& planned,
                                          int64_t deadline_us) {
  quorum::OperationContext context;
  context.clock = coordinators_[coordinator].clock.get();
  context.random = &random_;
  context.proposer = coordinators_[coordinator].proposer;
  context.replicas = coordinators_[coordinator].set;
  // Each coordinator has its own order of preference.
  std::rotate(context.replicas.replicas.begin(),
              context.replicas.replicas.begin() +
                  static_cast<int64_t>(random_.Uniform(context.replicas.replicas.size())),
              context.replicas.replicas.end());
  context.deadline = base::MonotonicTime::FromNanos(deadline_us * 1'000);
  context.consistency = planned.consistency;
  context.mutant = options_.mutant;
  return context;
}

quorum::Mutation World::MutationOf(uint32_t index, const PlannedOp& planned, uint8_t coordinator) {
  ClientOp& op = result_.history[index];
  quorum::Mutation mutation;
  mutation.kind = MutationKindOf(planned.kind);
  mutation.fsync = plan_.fsync;
  if (planned.kind == ClientOpKind::kSet) op.value = (index + 1) * kSetValueStep;
  if (planned.kind == ClientOpKind::kIncrement) op.value = 1;
  mutation.value = absl::StrCat(op.value);
  mutation.delta = op.value;
  if (planned.ttl_ms != 0) {
    const uint64_t wall_ms = WallMs(coordinators_[coordinator].wall);
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
  op.key = "k";
  op.invoked_ns = now_us_ * 1'000;
  op.kind = planned.kind;
  op.condition = planned.condition;
  clients_[index].retries_left = planned.retries;
  if (planned.kind != ClientOpKind::kGet) {
    clients_[index].mutation = MutationOf(index, planned, planned.coordinator);
  }
  ++result_.operations;
  StartTry(index, planned.coordinator, clients_[index].mutation, now_us_ + planned.timeout_us);
}

void World::StartTry(uint32_t client_op, uint8_t coordinator, quorum::Mutation mutation,
                     int64_t deadline_us) {
  Coordinator& home = coordinators_[coordinator];
  const PlannedOp& planned = ops_[client_op];
  quorum::OperationContext context = ContextOf(coordinator, planned, deadline_us);
  Try attempt;
  attempt.coordinator = coordinator;
  attempt.client_op = client_op;
  attempt.deadline_us = deadline_us;
  if (planned.kind == ClientOpKind::kGet) {
    const absl::Duration hedge = plan_.hedge_delay_us == 0
                                     ? absl::InfiniteDuration()
                                     : absl::Microseconds(plan_.hedge_delay_us);
    attempt.operation = quorum::MakeRead(std::move(context), {}, hedge);
    attempt.is_plain = true;
  } else if (plan_.reserve_ballots && (!mutation.IsBlind() || plan_.sets_are_changes)) {
    quorum::RegisterOptions register_options;
    register_options.reserve_next = true;
    register_options.cached = std::exchange(home.cached, std::nullopt);
    register_options.follows = true;  // what would harm, were it to harm
    auto op = std::make_unique<quorum::RegisterOp>(
        std::move(context), model::Key{}, std::move(mutation), std::move(register_options));
    attempt.reserving = op.get();
    attempt.operation = std::move(op);
  } else {
    attempt.is_plain = mutation.IsBlind();
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
  const int64_t paused_until_us = coordinators_[live.coordinator].paused_until_us;
  if (paused_until_us > now_us_) return Push(paused_until_us, EventKind::kTimer, attempt);
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
  if (StartsOver(attempt)) return live.operation.reset();
  Record(result, &op);
  if (plan_.is_append_register) chain_.Add(op);
  if (op.outcome == ClientOutcome::kOk) {
    ++result_.checks;
    const model::ReplicaSet& set = live.operation->replicas();
    monitor_.OnAnswer(op.version, set,
                      quorum::SlotsRequired(set, ops_[live.client_op].consistency));
  }
  if (op.outcome == ClientOutcome::kUnknown) MaybeRetry(attempt);
  tries_[attempt].operation.reset();
}

// A coordinator that is told of a newer map fetches it and starts over, within the same deadline
// (coordinator/service/core_backend.cc).
bool World::StartsOver(uint32_t attempt) {
  const Try& live = tries_[attempt];
  if (live.operation->result().error != quorum::OpError::kStaleTopology) return false;
  if (live.operation->replicas().epoch == published_.epoch) return false;
  const int64_t at_us = now_us_ + DrawDelay() * 2;
  if (at_us >= live.deadline_us) return false;
  second_starts_.push_back({attempt, live.operation->TakeMutation()});
  if (options_.starts_over_afresh) {
    second_starts_.back().mutation.first = model::Ballot{};
    second_starts_.back().mutation.request_id = clients_[live.client_op].mutation.request_id;
  }
  Push(at_us, EventKind::kStartOver, static_cast<uint32_t>(second_starts_.size() - 1));
  return true;
}

void World::StartOver(uint32_t index) {
  const Try& first = tries_[second_starts_[index].attempt];
  if (first.died) return;
  if (!StoreIsDown()) coordinators_[first.coordinator].set = published_;
  StartTry(first.client_op, first.coordinator, std::move(second_starts_[index].mutation),
           first.deadline_us);
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
  op->previous_known = op->return_previous && !result.previous_unknown;
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
