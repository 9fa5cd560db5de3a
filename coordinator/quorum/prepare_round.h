// SPDX-License-Identifier: Apache-2.0
// PrepareRound: what the replicas of one Prepare have promised and told, and the record to go on
// from.
//
// Protocol: docs/PROTOCOL.md#operations; what has become of old records:
// docs/PROTOCOL.md#forgetting.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "common/model/ballot.h"
#include "common/model/lineage.h"
#include "common/model/record.h"
#include "common/model/replica_message.h"
#include "coordinator/quorum/slots.h"

namespace quorumcache::quorum {

// The record that a change starts from. Value.
struct Base {
  // Ballot of `record`; zero: there is none, or it is forgotten.
  model::Ballot ballot;
  // kAbsent, with the highest forgotten ballot as root, where there is none.
  model::Record record;
  // Every replica that promised reported this very ballot: a majority holds it.
  bool unanimous = false;
  // The record that was found is a value whose time is over.
  bool expired = false;
};

// Whether a tombstone or an expired record reads as absent: every replica has, or may have, dropped
// it.
constexpr bool IsForgotten(model::RecordState state, uint64_t expire_at_ms,
                           const model::Ballot& accepted, const model::Ballot& forgotten,
                           uint64_t now_ms) {
  return accepted <= forgotten && !model::IsLive(state, expire_at_ms, now_ms);
}

// Thread-compatible.
class PrepareRound {
 public:
  // `id` is looked for in every record that comes in. `keeps_first`: Mutant::kBaseFromFirstPromise.
  explicit PrepareRound(const model::RequestId& id, bool keeps_first = false)
      : id_(id), keeps_first_(keeps_first) {}

  // Takes a promise. Requires: none was taken from `replica`; a record where `reply.accepted` is
  // not zero.
  void Add(ReplicaIndex replica, model::ReplicaReply reply);

  ReplicaMask promised() const { return promised_; }
  // Highest HLC of the replicas.
  uint64_t hlc() const { return hlc_; }

  // How replicas attest; the checks are there to be left out by a Mutant.
  struct Attestation {
    bool is_blind = true;  // b carried a blind write, or a change
    bool check_previous = true;
    bool check_lineage = true;
  };
  // Replicas that say "ballot b never took part here, and will not": they have promised a higher
  // one, b is above what they may have forgotten, their record does not come from b, and it lies on
  // one side of b together with the record that it replaced (ballots only grow, so b would lie
  // between).
  ReplicaMask NeverTookPart(const model::Ballot& b, Attestation how) const;
  // Replicas that say they accepted b: they hold it, or the record that replaced it.
  ReplicaMask TookPart(const model::Ballot& b) const;

  // The record of the highest ballot, moved out. `now_ms` judges expiry. Requires: a promise was
  // taken.
  Base TakeBase(uint64_t now_ms);

 private:
  struct Promise {
    ReplicaIndex replica = 0;
    bool has_id = false;
    model::RecordState state = model::RecordState::kAbsent;
    uint64_t expire_at_ms = 0;
    model::Ballot accepted;
    model::Ballot previous;
    model::Ballot forgotten;
    model::Ballot root;
    model::Ballot oldest_known;
  };

  // Whether its record does not come from that of ballot b.
  static bool IsApart(const Promise& promise, const model::Ballot& b, bool is_blind);

  // What `promise` counts as, zero where forgotten.
  model::Ballot Present(const Promise& promise, uint64_t now_ms) const;

  model::RequestId id_;
  bool keeps_first_;
  absl::InlinedVector<Promise, 3> promises_;
  ReplicaMask promised_ = 0;
  model::Ballot forgotten_;  // highest
  uint64_t hlc_ = 0;
  model::Ballot highest_;
  model::Record record_;  // of highest_
};

}  // namespace quorumcache::quorum
