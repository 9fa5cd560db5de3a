// SPDX-License-Identifier: Apache-2.0
#include "tests/coordinator/service/fake_replicas.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::service {

model::ReplyStatus FakeReplicas::Send(LinkId link, const wire::RequestHeader& header,
                                      const quorum::Send& send, const rpc::ReplyContext& context,
                                      rpc::ReplyHandler& handler) {
  Node& node = nodes_[link];
  if (!node.up) return model::ReplyStatus::kNotSent;
  last_hlc_ = header.hlc;
  Message message;
  message.key = absl::StrCat(header.namespace_name, "/", header.key);
  message.context = context;
  message.handler = &handler;
  if (const auto* read = std::get_if<model::ReadRequest>(&send.body)) message.read = *read;
  if (const auto* one = std::get_if<model::PrepareRequest>(&send.body)) message.prepare = *one;
  if (const auto* accept = std::get_if<quorum::AcceptSend>(&send.body)) {
    message.accept = model::AcceptRequest{accept->ballot, *accept->record, accept->next,
                                          accept->fsync, accept->repair};
  }
  ++node.sent;
  node.queue.push_back(std::move(message));
  return model::ReplyStatus::kOk;
}

void FakeReplicas::DeliverAll() {
  for (bool again = true; again;) {
    again = false;
    for (LinkId link = 0; link < nodes_.size(); ++link) {
      if (nodes_[link].deaf || nodes_[link].queue.empty()) continue;
      DeliverOne(link);
      again = true;
    }
  }
}

void FakeReplicas::DeliverOne(LinkId link) {
  Node& node = nodes_[link];
  QC_CHECK(!node.queue.empty());
  const Message message = std::move(node.queue.front());
  node.queue.pop_front();
  model::ReplicaReply reply;
  if (node.refusals.empty()) {
    reply = Execute(node.cells[message.key], message);
  } else {
    reply.status = node.refusals.front();
    node.refusals.pop_front();
  }
  reply.hlc = last_hlc_;
  message.handler->OnReply(message.context, std::move(reply));
}

void FakeReplicas::RefuseNext(LinkId link, model::ReplyStatus status, int times) {
  for (int i = 0; i < times; ++i) nodes_[link].refusals.push_back(status);
}

model::ReplicaReply FakeReplicas::Execute(Cell& cell, const Message& message) {
  model::ReplicaReply reply;
  reply.status = model::ReplyStatus::kOk;
  if (message.accept) {
    Accept(cell, *message.accept, reply);
  } else {
    reply.state = cell.record.state;
    reply.expire_at_ms = cell.record.expire_at_ms;
    if (message.prepare) {
      const model::Ballot ballot = message.prepare->ballot;
      if (ballot > cell.promised && ballot > cell.accepted) {
        cell.promised = ballot;
        reply.record = cell.record;
      } else {
        reply.status = model::ReplyStatus::kRefused;
      }
    } else if (!message.read.digest) {
      reply.record = cell.record;
    }
  }
  reply.accepted = cell.accepted;
  reply.promised = cell.promised;
  reply.previous = cell.previous;
  return reply;
}

void FakeReplicas::Accept(Cell& cell, const model::AcceptRequest& accept,
                          model::ReplicaReply& reply) {
  if (accept.ballot == cell.accepted) return;
  if (accept.ballot < cell.promised || accept.ballot < cell.accepted) {
    reply.status = model::ReplyStatus::kRefused;
    return;
  }
  reply.state = cell.record.state;
  reply.expire_at_ms = cell.record.expire_at_ms;
  cell.previous = cell.accepted;
  cell.accepted = accept.ballot;
  cell.promised = std::max({cell.promised, accept.ballot, accept.next});
  cell.record = accept.record;
}

bool FakeReplicas::Holds(LinkId link, const std::string& key, const std::string& value) const {
  const auto found = nodes_[link].cells.find(key);
  return found != nodes_[link].cells.end() && found->second.record.value == value;
}

}  // namespace quorumcache::service
