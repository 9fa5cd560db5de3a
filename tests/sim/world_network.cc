// SPDX-License-Identifier: Apache-2.0
// World: what becomes of a message.
#include "tests/sim/world.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "common/model/etag.h"
#include "coordinator/quorum/failures.h"

namespace quorumcache::sim {

using model::ReplyStatus;

int64_t World::DrawDelay() {
  const NetworkPlan& net = plan_.network;
  const auto spread = static_cast<uint64_t>(net.delay_max_us - net.delay_min_us);
  int64_t delay_us = net.delay_min_us + static_cast<int64_t>(random_.Uniform(spread));
  if (Strikes(net.slow_one_in, FaultKind::kSlowMessage)) {
    delay_us += static_cast<int64_t>(random_.Uniform(static_cast<uint64_t>(net.slow_max_us)));
  }
  return delay_us;
}

bool World::Strikes(uint32_t one_in, FaultKind kind) {
  if (healed_ || one_in == 0 || !random_.OneIn(one_in)) return false;
  Count(kind);
  return true;
}

void World::SendOne(uint32_t attempt, const quorum::Send& send) {
  const Try& live = tries_[attempt];
  Message message;
  message.attempt = attempt;
  message.replica = send.replica;
  message.round = send.round;
  message.node = static_cast<uint8_t>(live.operation->replicas().replicas[send.replica].node);
  message.request.epoch = live.operation->replicas().epoch;
  message.request.ballot_floor_epoch = live.operation->replicas().ballot_floor_epoch;
  message.request.joiner = live.operation->replicas().replicas[send.replica].joiner;
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

// False: it has come to nothing, and its sender has been told or not.
bool World::Arrives(uint32_t index) {
  const Message& message = messages_[index];
  if (!nodes_[message.node].node->is_up()) {
    if (message.is_copy) return false;
    const bool known = healed_ || random_.OneIn(2);
    ReplyWith(index, known ? ReplyStatus::kNotSent : ReplyStatus::kLost, DrawDelay());
    return false;
  }
  if (!links_[tries_[message.attempt].coordinator][message.node].requests_cut &&
      !Strikes(plan_.network.lose_request_one_in, FaultKind::kLoseRequest)) {
    return true;
  }
  ReplyWith(index, ReplyStatus::kLost, DrawDelay());
  return false;
}

// What comes while a node is paused or busy waits, and is then one batch.
void World::DeliverRequest(uint32_t index) {
  if (!Arrives(index)) return;
  const uint8_t node = messages_[index].node;
  NodeState& state = nodes_[node];
  const bool is_first = state.inbox.empty();
  state.inbox.push_back(index);
  if (!is_first) return;
  const int64_t busy_us = plan_.batches ? static_cast<int64_t>(random_.Uniform(300)) : 0;
  const int64_t at_us = std::max(state.paused_until_us, now_us_ + busy_us);
  if (at_us == now_us_) return OpenInbox(node);
  Push(at_us, EventKind::kInbox, node);
}

void World::OpenInbox(uint8_t node) {
  NodeState& state = nodes_[node];
  if (state.paused_until_us > now_us_) {
    return Push(state.paused_until_us, EventKind::kInbox, node);
  }
  const std::vector<uint32_t> inbox = std::exchange(state.inbox, {});
  if (!state.node->is_up()) {
    for (uint32_t index : inbox) ReplyWith(index, ReplyStatus::kLost, DrawDelay());
    return;
  }
  std::vector<model::ReplicaRequest> requests;
  for (uint32_t index : inbox) requests.push_back(messages_[index].request);
  const uint64_t wall_ms = WallMs(state.wall);
  std::vector<model::ReplicaReply> replies = state.node->Execute(requests, wall_ms);
  for (size_t i = 0; i < inbox.size(); ++i) {
    // The executed reply replaces the message's own: a copy has been executed before.
    messages_[inbox[i]].reply = std::move(replies[i]);
    AfterExecution(inbox[i], wall_ms);
  }
}

void World::AfterExecution(uint32_t index, uint64_t wall_ms) {
  const NetworkPlan& net = plan_.network;
  const uint8_t node = messages_[index].node;
  const model::ReplicaReply& reply = messages_[index].reply;
  Trace("executes", messages_[index]);
  ++result_.checks;
  monitor_.OnExecuted(node, messages_[index].request, reply, nodes_[node].node->floor(), wall_ms);
  Hash(static_cast<uint64_t>(reply.status));
  Hash(reply.accepted.hlc ^ reply.promised.hlc);
  const bool executed = !model::NotExecuted(reply.status);
  // The transport brings a request at most once, so what is not executed stays so. The copies are
  // here to show how little else rests on that; one that was turned away would contradict the
  // first.
  if (!executed && messages_[index].is_copy) return;
  if (executed && !messages_[index].is_copy &&
      Strikes(net.double_one_in, FaultKind::kDoubleRequest)) {
    Message copy = messages_[index];
    copy.is_copy = true;
    messages_.push_back(std::move(copy));
    Push(now_us_ + DrawDelay() * 4, EventKind::kRequest,
         static_cast<uint32_t>(messages_.size() - 1));
  }
  const uint8_t coordinator = tries_[messages_[index].attempt].coordinator;
  if (links_[coordinator][node].replies_cut ||
      Strikes(net.lose_reply_one_in, FaultKind::kLoseReply)) {
    return ReplyWith(index, ReplyStatus::kLost, DrawDelay());
  }
  Push(now_us_ + DrawDelay(), EventKind::kReply, index);
}

void World::DeliverReply(uint32_t index) {
  const Message& message = messages_[index];
  Try& live = tries_[message.attempt];
  if (live.operation == nullptr) return;
  const int64_t paused_until_us = coordinators_[live.coordinator].paused_until_us;
  if (paused_until_us > now_us_) return Push(paused_until_us, EventKind::kReply, index);
  Trace("reply of", message);
  // `message` is gone once the operation has sent others.
  const uint32_t attempt = message.attempt;
  Perform(attempt, live.operation->OnReply(message.replica, message.round, message.reply,
                                           NowAt(live.coordinator)));
  CheckProgress(attempt);
}

// A read or a blind write that waits for no replica has ended, or has a time at which it goes on.
// Those that compete (conditional ones, later rounds) may have to wait longer than they have time.
void World::CheckProgress(uint32_t attempt) {
  const Try& live = tries_[attempt];
  if (live.operation == nullptr || !live.is_plain || live.operation->rounds() > 1) return;
  ++result_.checks;
  const int64_t wake_us = live.operation->wake_at().nanos() / 1'000;
  if (live.operation->awaited() != 0 || wake_us < live.deadline_us) return;
  if (result_.violation.empty()) {
    result_.violation = "an operation has heard all its replicas and waits for its deadline";
  }
}

void World::Ask(uint8_t node, std::function<void(SimNode& node, uint64_t wall_ms)> execute,
                std::function<void(bool answered)> done) {
  questions_.push_back(Question{node, std::move(execute), std::move(done)});
  ++result_.messages;
  Push(now_us_ + DrawDelay(), EventKind::kAsk, static_cast<uint32_t>(questions_.size() - 1));
}

void World::DeliverQuestion(uint32_t index) {
  const uint8_t node = questions_[index].node;
  const NetworkPlan& net = plan_.network;
  if (nodes_[node].paused_until_us > now_us_) {
    return Push(nodes_[node].paused_until_us, EventKind::kAsk, index);
  }
  const bool arrives =
      nodes_[node].node->is_up() && !Strikes(net.lose_request_one_in, FaultKind::kLoseRequest);
  if (arrives) {
    questions_[index].execute(*nodes_[node].node, WallMs(nodes_[node].wall));
    questions_[index].answered = !Strikes(net.lose_reply_one_in, FaultKind::kLoseReply);
  }
  Push(now_us_ + DrawDelay(), EventKind::kAskAnswer, index);
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

}  // namespace quorumcache::sim
