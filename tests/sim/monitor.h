// SPDX-License-Identifier: Apache-2.0
// Monitor: looks at every request and reply at a node, and at every answer to a client, and checks
// the invariants of docs/PROTOCOL.md#invariants that can be seen there: I1 to I6, I8, I9.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/model/replica_message.h"
#include "common/model/replica_set.h"

namespace quorumcache::sim {

// Thread-compatible; one key, one history.
class Monitor {
 public:
  explicit Monitor(size_t nodes) : nodes_(nodes) {}

  // `node`, whose clock says `wall_ms`, was given `request` and answers `reply`.
  void OnExecuted(size_t node, const model::ReplicaRequest& request,
                  const model::ReplicaReply& reply, const model::Ballot& floor, uint64_t wall_ms);
  // The node's disk is gone or has been rolled back: nothing that it said binds it any more, and
  // what a majority held may be held by fewer.
  void OnDataLost(size_t node);
  // The node has forgotten its copy, because it has left or begins to join anew: what it says from
  // now on is of another one.
  void OnCopyGone(size_t node);
  // It has merged what another node has: what it has refused, it may hold now.
  void OnImported(size_t node);
  // A client is told of `version`; the slots required hold it, or something newer.
  void OnAnswer(const model::Ballot& version, const model::ReplicaSet& set, size_t slots_required);

  // The first violation; "" while there is none.
  const std::string& violation() const { return violation_; }

 private:
  struct Node {
    model::Ballot accepted;
    // The highest it ever held: what a slot has said yes to is with whoever took its place, or has
    // been forgotten everywhere.
    model::Ballot highest_accepted;
    model::Ballot promised;
    uint32_t epoch = 0;
    // Since its last reply: `accepted` may have grown.
    bool may_hold_more = false;
    std::set<model::Ballot> refused;
  };

  void OnAccept(Node* node, uint32_t epoch, const model::AcceptRequest& accept,
                model::ReplyStatus status);
  void CheckLineage(const model::Record& record);
  void Violate(std::string what);

  std::vector<Node> nodes_;
  bool data_lost_ = false;
  std::map<model::Ballot, model::Record> records_;  // I2
  std::string violation_;
};

}  // namespace quorumcache::sim
