// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/prepare_round.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/probe.h"

namespace quorumcache::quorum {

void PrepareRound::Add(ReplicaIndex replica, model::ReplicaReply reply) {
  QC_CHECK((promised_ & Bit(replica)) == 0);
  QC_CHECK(reply.accepted.IsZero() || reply.record.has_value());
  Promise promise;
  promise.replica = replica;
  promise.accepted = reply.accepted;
  promise.previous = reply.previous;
  promise.forgotten = reply.forgotten;
  if (reply.record) {
    promise.has_id = reply.record->lineage.Find(id_).has_value();
    promise.root = reply.record->lineage.root();
    promise.oldest_known = reply.record->lineage.OldestKnown();
    promise.state = reply.record->state;
    promise.expire_at_ms = reply.record->expire_at_ms;
  }
  promises_.push_back(promise);
  promised_ |= Bit(replica);
  forgotten_ = std::max(forgotten_, reply.forgotten);
  hlc_ = std::max(hlc_, reply.hlc);
  const bool stays = keeps_first_ && !highest_.IsZero();
  if (reply.accepted > highest_ && !stays) {
    highest_ = reply.accepted;
    record_ = *std::move(reply.record);
  }
}

// An id may be too old for the list. But the root of what has come from a blind write is that
// write's ballot for ever; and what has come from a change has its id in the list, if the list
// reaches back so far, unless another blind write has begun a new one.
bool PrepareRound::IsApart(const Promise& promise, const model::Ballot& b, bool is_blind) {
  if (promise.has_id) return false;
  return is_blind ? promise.root != b : promise.oldest_known < b || promise.root > b;
}

ReplicaMask PrepareRound::NeverTookPart(const model::Ballot& b, Attestation how) const {
  ReplicaMask mask = 0;
  for (const Promise& promise : promises_) {
    const bool below = promise.accepted < b;
    const bool above = promise.accepted > b && (promise.previous < b || !how.check_previous);
    const bool apart = !how.check_lineage || IsApart(promise, b, how.is_blind);
    if (b > promise.forgotten && apart && (below || above)) mask |= Bit(promise.replica);
  }
  return mask;
}

ReplicaMask PrepareRound::TookPart(const model::Ballot& b) const {
  ReplicaMask mask = 0;
  for (const Promise& promise : promises_) {
    if (promise.accepted == b || promise.previous == b) mask |= Bit(promise.replica);
  }
  return mask;
}

model::Ballot PrepareRound::Present(const Promise& promise, uint64_t now_ms) const {
  const bool forgotten =
      IsForgotten(promise.state, promise.expire_at_ms, promise.accepted, forgotten_, now_ms);
  return forgotten ? model::Ballot{} : promise.accepted;
}

Base PrepareRound::TakeBase(uint64_t now_ms) {
  QC_CHECK(!promises_.empty());
  Base base;
  base.expired = record_.state == model::RecordState::kValue &&
                 !model::IsLive(record_.state, record_.expire_at_ms, now_ms);
  if (IsForgotten(record_.state, record_.expire_at_ms, highest_, forgotten_, now_ms)) {
    if (!highest_.IsZero()) QC_PROBE("register_base_forgotten");
    base.record.lineage = model::Lineage(forgotten_, {});
  } else {
    base.ballot = highest_;
    base.record = std::move(record_);
  }
  base.unanimous = std::all_of(promises_.begin(), promises_.end(), [&](const Promise& promise) {
    return Present(promise, now_ms) == base.ballot;
  });
  return base;
}

}  // namespace quorumcache::quorum
