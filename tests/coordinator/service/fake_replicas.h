// SPDX-License-Identifier: Apache-2.0
// FakeReplicas: a ReplicaTransport to replicas that live in the test, obey
// docs/PROTOCOL.md#replica, and can be taken down, made deaf or made to answer what the test says.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/service/replica_transport.h"

namespace quorumcache::service {

// Thread-compatible.
class FakeReplicas final : public ReplicaTransport {
 public:
  // Nodes n1, n2, ...
  explicit FakeReplicas(size_t count) : nodes_(count) {
    for (size_t i = 0; i < count; ++i) nodes_[i].id = absl::StrCat("n", i + 1);
  }

  // ReplicaTransport:
  model::ReplyStatus Send(LinkId link, const wire::RequestHeader& header, const quorum::Send& send,
                          const rpc::ReplyContext& context, rpc::ReplyHandler& handler) override;
  bool IsUp(LinkId link) const override { return nodes_[link].up; }
  bool WasTried(LinkId link) const override { return nodes_[link].tried; }
  absl::Duration HedgeDelay(LinkId link) const override { return hedge_delay; }
  const std::string& NodeIdOf(LinkId link) const override { return nodes_[link].id; }

  // Answers everything that is queued, and what that leads to, in the order of sending; deaf nodes
  // excepted.
  void DeliverAll();
  // Answers the oldest message to `link`. Requires: there is one.
  void DeliverOne(LinkId link);
  // The next messages to `link` are answered with this status, unexecuted.
  void RefuseNext(LinkId link, model::ReplyStatus status, int times);

  size_t queued(LinkId link) const { return nodes_[link].queue.size(); }
  size_t sent(LinkId link) const { return nodes_[link].sent; }
  bool Holds(LinkId link, const std::string& key, const std::string& value) const;
  // The HLC of the last request, as the replica was told it.
  uint64_t last_hlc() const { return last_hlc_; }

  void TakeDown(LinkId link) { nodes_[link].up = false; }
  void BringUp(LinkId link) { nodes_[link].up = true; }
  void SetTried(LinkId link, bool tried) { nodes_[link].tried = tried; }
  // Takes messages and never answers.
  void MakeDeaf(LinkId link, bool deaf) { nodes_[link].deaf = deaf; }

  absl::Duration hedge_delay = absl::Milliseconds(10);

 private:
  struct Cell {
    model::Ballot accepted;
    model::Ballot promised;
    model::Ballot previous;
    model::Record record;
  };
  struct Message {
    std::string key;
    model::ReadRequest read;
    std::optional<model::PrepareRequest> prepare;
    std::optional<model::AcceptRequest> accept;
    rpc::ReplyContext context;
    rpc::ReplyHandler* handler = nullptr;
  };
  struct Node {
    std::string id;
    bool up = true;
    bool deaf = false;
    bool tried = true;
    size_t sent = 0;
    std::deque<Message> queue;
    std::deque<model::ReplyStatus> refusals;
    std::map<std::string, Cell> cells;
  };

  static model::ReplicaReply Execute(Cell& cell, const Message& message);
  static void Accept(Cell& cell, const model::AcceptRequest& accept, model::ReplicaReply& reply);

  std::vector<Node> nodes_;
  uint64_t last_hlc_ = 0;
};

}  // namespace quorumcache::service
