// SPDX-License-Identifier: Apache-2.0
// ReadOp: one Get. The record from one replica, versions from the others; equal: answered in one
// round trip.
//
// Protocol: docs/PROTOCOL.md#operations, #expiry, #forgetting. The write-back before the answer is
// what makes reads atomic: Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing
// Systems", 1995.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "coordinator/quorum/failures.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/quorum/register_op.h"

namespace quorumcache::quorum {

// Asking -> answered, or -> writing back -> answered, or -> a RegisterOp that changes nothing ->
// answered.
//
// It asks just enough replicas for the level ("near quorum", in the order of preference of the
// ReplicaSet); one more when one fails or is slower than the hedge delay.
//
// Invariants (docs/PROTOCOL.md#invariants):
//   I4   at QUORUM and ALL, what it answers is held by the slots required before it answers.
//   I10  nothing is answered as there, or as gone, that another coordinator may have seen
//   otherwise.
// Thread-compatible, as every Operation.
class ReadOp final : public Operation {
 public:
  ReadOp(OperationContext context, model::Key key, absl::Duration hedge_delay);

  [[nodiscard]] Actions Start(const base::Now& now) override;
  [[nodiscard]] Actions OnReply(ReplicaIndex replica, uint32_t round, model::ReplicaReply reply,
                                const base::Now& now) override;
  [[nodiscard]] Actions OnTimer(const base::Now& now) override;
  base::MonotonicTime wake_at() const override;
  uint32_t rounds() const override;
  ReplicaMask awaited() const override;

 private:
  // What a replica said it holds, or has accepted from us since.
  struct View {
    model::Ballot accepted;
    model::Ballot promised;
    model::RecordState state = model::RecordState::kAbsent;
    uint64_t expire_at_ms = 0;
  };

  Actions BeginAsking(const base::Now& now);
  void Ask(ReplicaIndex replica, bool digest, uint32_t round, Actions* actions);
  void AskMore(Actions* actions);

  void OnAnswer(ReplicaIndex replica, model::ReplicaReply reply);
  Actions OnFailure(ReplicaIndex replica, uint32_t round, const model::ReplicaReply& reply,
                    const base::Now& now);

  // Answers, repairs or goes on waiting, as the views now say.
  Actions Step(const base::Now& now);
  ReplicaMask HoldersOf(const model::Ballot& ballot) const;
  // What the view counts as: zero where it is forgotten.
  model::Ballot Present(const View& view) const;
  bool ExpiryIsInDoubt(const View& view) const;
  bool ChangeIsUnderWay(ReplicaMask holders) const;
  Actions Conclude(ReplicaIndex holder, ReplicaMask holders, const base::Now& now);
  Actions Fetch(ReplicaIndex holder);

  Actions Repair(const base::Now& now);
  Actions WriteBack(const View& newest, ReplicaMask holders);
  Actions Delegate(const base::Now& now);
  Actions FromFallback(Actions actions);

  Actions Answer(const View& view, ReplicaMask holders);
  Actions Fail(OpError error);

  absl::Duration hedge_delay_;
  base::MonotonicTime hedge_at_ = base::MonotonicTime::Infinite();
  uint8_t required_ = 0;
  uint64_t now_ms_ = 0;  // by which expiry is judged; the replicas asked have been told it

  uint32_t last_round_ = 0;
  uint32_t ask_round_ = 0;         // Read of everyone
  uint32_t fetch_round_ = 0;       // Read of the record from one; 0: none under way
  uint32_t write_back_round_ = 0;  // 0: none
  size_t slots_wanted_ = 0;        // slots to be asked
  ReplicaMask asked_ = 0;
  ReplicaMask answered_ = 0;
  ReplicaMask failed_ = 0;
  ReplicaMask silent_ = 0;        // of these, were asked and could not be reached
  ReplicaMask sent_back_ = 0;     // the write-back went to them
  ReplicaMask not_writable_ = 0;  // ... and they did not take it
  ReplicaIndex fetching_from_ = 0;
  bool record_asked_ = false;  // somebody who has not failed was asked for the record

  absl::InlinedVector<View, 3> views_;  // by replica
  model::Ballot forgotten_;             // highest heard of
  uint64_t hlc_ = 0;                    // highest heard of in this asking
  model::Ballot record_ballot_;         // of record_; zero: none yet
  model::Record record_;
  Failures failures_;
  std::unique_ptr<RegisterOp> fallback_;
};

}  // namespace quorumcache::quorum
