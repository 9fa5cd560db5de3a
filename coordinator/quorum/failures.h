// SPDX-License-Identifier: Apache-2.0
// Failures: what the replicas that did not say yes said instead, and what that means for the
// caller.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/model/replica_message.h"
#include "coordinator/quorum/operation.h"

namespace quorumcache::quorum {

// Thread-compatible. Empty until the first failure; costs nothing on the hot path.
class Failures {
 public:
  // Requires: the reply's status is not kOk.
  void Add(const model::ReplicaReply& reply);

  bool Saw(model::ReplyStatus status) const;
  // The most telling reason for an operation that could not do its work and has changed nothing:
  // kStaleTopology before kDiskFull, kOverloaded, kClockSkew, kCorrupt, kContention,
  // kQuorumUnreachable.
  OpError Error() const;
  // The first failure in words; empty when there was none.
  const std::string& detail() const { return detail_; }

 private:
  uint64_t seen_ = 0;  // bit: ReplyStatus
  std::string detail_;
};

// Whether a replica that did not say yes to Accept(ballot) has not executed it, and never will: it
// says that it did not take it, or it refuses (I5) and its record shows that it had not accepted
// another copy of the message before: ballots only grow, so `ballot` would lie between `previous`
// and A, or be one of them.
bool NeverAccepted(const model::ReplicaReply& reply, const model::Ballot& ballot);

// "refused", "stale epoch", ...; for people.
absl::string_view ReplyStatusText(model::ReplyStatus status);

}  // namespace quorumcache::quorum
