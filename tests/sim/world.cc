// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/model/etag.h"
#include "coordinator/quorum/failures.h"
#include "coordinator/quorum/make_operation.h"
#include "coordinator/quorum/slots.h"

namespace quorumcache::sim {
namespace {

using model::ReplyStatus;

// The wall clock at the beginning: anything well above the offsets.
constexpr int64_t kWallStartMs = 1'000'000;
// Every message and every deadline of a plan is over by then.
constexpr int64_t kQuietUs = 400'000;
constexpr int64_t kFinalTimeoutUs = 1'000'000;
constexpr int64_t kSetValueStep = 1'000;
// A replica that starts takes its clock to be up to so much later than it had told anyone: the
// bound that it keeps on disk (storage_node/replica/replica.cc).
constexpr int64_t kRestartLeadMs = 100;

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
  AddExpiries();
  result_.state_hash ^= 0;
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
  op.invoked_us = now_us_;
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

int64_t World::DrawDelay() {
  const NetworkPlan& net = plan_.network;
  const auto spread = static_cast<uint64_t>(net.delay_max_us - net.delay_min_us);
  int64_t delay_us = net.delay_min_us + static_cast<int64_t>(random_.Uniform(spread));
  if (!healed_ && net.slow_one_in != 0 && random_.OneIn(net.slow_one_in)) {
    delay_us += static_cast<int64_t>(random_.Uniform(static_cast<uint64_t>(net.slow_max_us)));
  }
  return delay_us;
}

void World::SendOne(uint32_t attempt, const quorum::Send& send) {
  const Try& live = tries_[attempt];
  Message message;
  message.attempt = attempt;
  message.replica = send.replica;
  message.round = send.round;
  message.node = static_cast<uint8_t>(live.operation->replicas().replicas[send.replica].node);
  message.request.epoch = set_.epoch;
  message.request.incarnation = 100 + message.node;
  message.request.hlc = coordinators_[live.coordinator].clock->last();
  message.request.key = model::Key{"default", "k"};
  if (const auto* accept = std::get_if<quorum::AcceptSend>(&send.body)) {
    message.request.body = model::AcceptRequest{accept->ballot, *accept->record, accept->next,
                                                accept->fsync, accept->repair};
  } else if (const auto* prepare = std::get_if<model::PrepareRequest>(&send.body)) {
    message.request.body = *prepare;
  } else {
    message.request.body = std::get<model::ReadRequest>(send.body);
  }
  messages_.push_back(std::move(message));
  ++result_.messages;
  Push(now_us_ + DrawDelay(), EventKind::kRequest, static_cast<uint32_t>(messages_.size() - 1));
}

// A reply that the sender's own shell makes, or silence: some connections break, others just hang.
void World::ReplyWith(uint32_t index, ReplyStatus status, int64_t delay_us) {
  if (status == ReplyStatus::kLost && random_.OneIn(2)) return;
  messages_[index].reply = model::ReplicaReply{};
  messages_[index].reply.status = status;
  Push(now_us_ + delay_us, EventKind::kReply, index);
}

void World::DeliverRequest(uint32_t index) {
  const uint8_t node = messages_[index].node;
  const uint8_t coordinator = tries_[messages_[index].attempt].coordinator;
  const NetworkPlan& net = plan_.network;
  if (!healed_ && paused_until_us_[node] > now_us_) {
    return Push(paused_until_us_[node], EventKind::kRequest, index);
  }
  if (!nodes_[node]->is_up()) {
    if (messages_[index].is_copy) return;
    const bool known = healed_ || random_.OneIn(2);
    return ReplyWith(index, known ? ReplyStatus::kNotSent : ReplyStatus::kLost, DrawDelay());
  }
  const bool loses =
      !healed_ && net.lose_request_one_in != 0 && random_.OneIn(net.lose_request_one_in);
  if (links_[coordinator][node].requests_cut || loses) {
    return ReplyWith(index, ReplyStatus::kLost, DrawDelay());
  }
  // The executed reply replaces the message's own: a copy has been executed before.
  const model::ReplicaRequest& request = messages_[index].request;
  const uint64_t wall_ms = WallMs(node_offset_ms_[node]);
  messages_[index].reply = nodes_[node]->Execute(request, wall_ms);
  const model::ReplicaReply& reply = messages_[index].reply;
  Trace("executes", messages_[index]);
  monitor_.OnExecuted(node, request, reply, wall_ms);
  Hash(static_cast<uint64_t>(reply.status));
  Hash(reply.accepted.hlc ^ reply.promised.hlc);
  const bool executed = !model::NotExecuted(reply.status);
  // The transport brings a request at most once, so what is not executed stays so. The copies are
  // here to show how little else rests on that; one that was turned away would contradict the
  // first.
  if (!executed && messages_[index].is_copy) return;
  if (executed && !healed_ && net.double_one_in != 0 && !messages_[index].is_copy &&
      random_.OneIn(net.double_one_in)) {
    Message copy = messages_[index];
    copy.is_copy = true;
    messages_.push_back(std::move(copy));
    Push(now_us_ + DrawDelay() * 4, EventKind::kRequest,
         static_cast<uint32_t>(messages_.size() - 1));
  }
  const bool reply_lost =
      !healed_ && net.lose_reply_one_in != 0 && random_.OneIn(net.lose_reply_one_in);
  if (links_[coordinator][node].replies_cut || reply_lost) {
    return ReplyWith(index, ReplyStatus::kLost, DrawDelay());
  }
  Push(now_us_ + DrawDelay(), EventKind::kReply, index);
}

void World::DeliverReply(uint32_t index) {
  const Message& message = messages_[index];
  Try& live = tries_[message.attempt];
  if (live.operation == nullptr) return;
  Trace("reply of", message);
  Perform(message.attempt, live.operation->OnReply(message.replica, message.round, message.reply,
                                                   NowAt(live.coordinator)));
}

void World::Trace(const char* what, const Message& message) const {
  if (!options_.trace) return;
  constexpr const char* kBodies[] = {"read", "prepare", "accept"};
  const Try& live = tries_[message.attempt];
  std::string ballot;
  if (const auto* prepare = std::get_if<model::PrepareRequest>(&message.request.body)) {
    ballot = model::FormatEtag(prepare->ballot);
  } else if (const auto* accept = std::get_if<model::AcceptRequest>(&message.request.body)) {
    ballot = absl::StrCat(model::FormatEtag(accept->ballot), "=", accept->record.value);
  }
  const absl::string_view status = quorum::ReplyStatusText(message.reply.status);
  std::printf("%8lld us  #%u of coordinator %u, round %u: %s node %u: %s %s -> %.*s A=%s P=%s\n",
              static_cast<long long>(now_us_), live.client_op, live.coordinator, message.round,
              what, message.node, kBodies[message.request.body.index()], ballot.c_str(),
              static_cast<int>(status.size()), status.data(),
              model::FormatEtag(message.reply.accepted).c_str(),
              model::FormatEtag(message.reply.promised).c_str());
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
  op->returned_us = now_us_;
  op->outcome = result.error == OpError::kNone ? ClientOutcome::kOk
                : condition_failed             ? ClientOutcome::kConditionFailed
                                               : ClientOutcome::kNotApplied;
  if (op->outcome == ClientOutcome::kNotApplied) return;
  op->found = result.found;
  op->version = result.version;
  if (is_read && result.found) QC_CHECK(absl::SimpleAtoi(result.record.value, &op->value_read));
  if (op->kind == ClientOpKind::kIncrement) op->value_read = result.number;
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

void World::BeginFault(const PlannedFault& fault, uint32_t index) {
  SimNode& node = *nodes_[fault.node];
  Link& link = links_[fault.coordinator][fault.node];
  switch (fault.kind) {
    case FaultKind::kKillNode:
      node.Kill();
      break;
    case FaultKind::kPauseNode:
      paused_until_us_[fault.node] = now_us_ + fault.duration_us;
      return;
    case FaultKind::kPowerFailNode:
      node.Kill();
      node.engine().PowerFail(random_.Uniform(node.engine().unsynced_count() + 1));
      gone_[fault.node] = true;
      monitor_.OnDataLost(fault.node);
      return;
    case FaultKind::kWipeNode:
      node.Kill();
      node.Wipe(options_.wiped_node_keeps_identity ? node.incarnation() : 900 + fault.node);
      gone_[fault.node] = true;
      monitor_.OnDataLost(fault.node);
      break;
    case FaultKind::kDiskFull:
      node.engine().SetDiskFull(true);
      break;
    case FaultKind::kKillCoordinator:
      return KillCoordinator(fault.coordinator);
    case FaultKind::kCutRequests:
      link.requests_cut = true;
      break;
    case FaultKind::kCutReplies:
      link.replies_cut = true;
      break;
    case FaultKind::kCutBoth:
      link = Link{true, true};
      break;
    case FaultKind::kJumpNodeClock:
      node_offset_ms_[fault.node] += fault.amount_ms;
      break;
    case FaultKind::kJumpCoordinatorClock:
      coordinators_[fault.coordinator].offset_ms += fault.amount_ms;
      break;
  }
  for (int64_t offset_ms :
       {node_offset_ms_[fault.node], coordinators_[fault.coordinator].offset_ms}) {
    offset_min_ms_ = std::min(offset_min_ms_, offset_ms);
    offset_max_ms_ = std::max(offset_max_ms_, offset_ms);
  }
  Push(now_us_ + fault.duration_us, EventKind::kFaultEnd, index);
}

void World::EndFault(const PlannedFault& fault) {
  SimNode& node = *nodes_[fault.node];
  Link& link = links_[fault.coordinator][fault.node];
  const bool may_start =
      !node.is_up() && (!gone_[fault.node] || fault.kind == FaultKind::kWipeNode);
  switch (fault.kind) {
    case FaultKind::kKillNode:
    case FaultKind::kWipeNode:
      if (may_start) node.Start();
      restart_lead_ms_ += kRestartLeadMs;
      break;
    case FaultKind::kDiskFull:
      node.engine().SetDiskFull(false);
      break;
    case FaultKind::kCutRequests:
    case FaultKind::kCutReplies:
    case FaultKind::kCutBoth:
      link = Link{};
      break;
    default:
      break;
  }
}

void World::KillCoordinator(uint8_t coordinator) {
  for (Try& live : tries_) {
    if (live.coordinator == coordinator) live.operation.reset();
  }
  Coordinator& home = coordinators_[coordinator];
  home.clock = std::make_unique<model::HybridClock>();
  home.proposer = next_proposer_++;
  home.cached.reset();
}

// The end of all faults: everything that can come back is back, and all clocks agree.
void World::Heal() {
  now_us_ += kQuietUs;
  healed_ = true;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->engine().SetDiskFull(false);
    if (!nodes_[i]->is_up() && !gone_[i]) nodes_[i]->Start();
    node_offset_ms_[i] = offset_max_ms_;
  }
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    coordinators_[i].offset_ms = offset_max_ms_;
    links_[i].assign(nodes_.size(), Link{});
  }
}

// Each coordinator reads the key; what they say is part of the history, so a lost write shows.
// Where all slots are there, the reads take all of them, and so bring them all to one record.
void World::ReadFinally() {
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    PlannedOp read;
    read.at_us = now_us_;
    read.coordinator = static_cast<uint8_t>(i);
    read.timeout_us = kFinalTimeoutUs;
    if (SlotsLeft() == set_.slot_count) read.consistency = model::Consistency::kAll;
    ops_.push_back(read);
    clients_.emplace_back();
    result_.history.emplace_back();
    Issue(static_cast<uint32_t>(ops_.size() - 1));
    RunEvents();
    now_us_ += 1'000;
  }
}

size_t World::SlotsLeft() const {
  quorum::ReplicaMask gone = 0;
  for (size_t i = 0; i < gone_.size(); ++i) {
    if (gone_[i]) gone |= quorum::Bit(static_cast<quorum::ReplicaIndex>(i));
  }
  return quorum::SlotsOpen(set_, gone);
}

// The last reads succeed where a majority is left, and tell the same where they had to ask all that
// is left: a write that nobody was told about may still come to light through a slot that a read
// did not ask.
void World::CheckConvergence() {
  const size_t left = SlotsLeft();
  if (left < set_.Majority()) return;
  const bool asked_all = left == set_.slot_count || left == set_.Majority();
  const ClientOp& last = result_.history.back();
  const size_t reads = coordinators_.size();
  for (size_t i = result_.history.size() - reads; i < result_.history.size(); ++i) {
    const ClientOp& read = result_.history[i];
    const bool same = read.found == last.found && read.value_read == last.value_read &&
                      read.version == last.version;
    if (read.outcome == ClientOutcome::kOk && (same || !asked_all)) continue;
    if (result_.violation.empty()) {
      result_.violation = absl::StrCat("not converged: ", sim::Describe(read));
    }
  }
}

// An expiry is an operation, too: it takes effect once, at some time at which a clock could say so.
void World::AddExpiries() {
  const size_t client_ops = result_.history.size();
  for (size_t i = 0; i < client_ops; ++i) {
    const ClientOp& op = result_.history[i];
    if (!op.has_ttl || op.outcome == ClientOutcome::kNotApplied) continue;
    const auto due_ms = static_cast<int64_t>(clients_[i].mutation.expire_at_ms) - kWallStartMs;
    ClientOp expiry;
    expiry.kind = ClientOpKind::kExpire;
    expiry.expires = static_cast<int32_t>(i);
    expiry.outcome = ClientOutcome::kOk;
    // 2 ms: clocks are read in whole milliseconds.
    expiry.invoked_us = (due_ms - offset_max_ms_ - restart_lead_ms_ - 2) * 1'000;
    expiry.returned_us = (due_ms - offset_min_ms_ + 2) * 1'000;
    int64_t late_us = expiry.returned_us;
    // What had begun before the time was over may end by the time that it began with.
    for (size_t j = 0; j < client_ops; ++j) {
      const ClientOp& other = result_.history[j];
      const bool overlaps = other.invoked_us <= expiry.returned_us && other.returned_us != kNever;
      if (overlaps) late_us = std::max(late_us, other.returned_us);
    }
    expiry.returned_us = late_us;
    result_.history.push_back(expiry);
  }
}

}  // namespace quorumcache::sim
