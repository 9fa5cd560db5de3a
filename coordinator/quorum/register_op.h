// SPDX-License-Identifier: Apache-2.0
// RegisterOp: one conditional operation, or the rescue of a blind one: Prepare, evaluate, Accept,
// and again under a higher ballot where another coordinator came between.
//
// Protocol: docs/PROTOCOL.md#operations, the CASPaxos register: Rystsov, "CASPaxos: Replicated
// State Machines without logs", 2018. Exactly once: docs/PROTOCOL.md#exactly-once.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/quorum/cached_ballot.h"
#include "coordinator/quorum/evaluate.h"
#include "coordinator/quorum/failures.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/quorum/prepare_round.h"

namespace quorumcache::quorum {

// A blind write that could not be finished: what is known of it.
struct BlindAttempt {
  model::Ballot ballot;
  // Replicas that said yes.
  ReplicaMask accepted = 0;
  // Every replica said no for good, or it is over: it is as if nothing had been sent.
  bool dead = false;
};

struct RegisterOptions {
  // Number of its first round; an operation that falls back goes on counting.
  uint32_t first_round = 1;
  std::optional<BlindAttempt> blind;
  std::optional<CachedBallot> cached;
  // It has waited for the operation that left `cached`, and begins where that one ends.
  bool follows = false;
  // Ask for the next ballot along with the Accept (TakeCachedBallot).
  bool reserve_next = false;
};

// kPreparing <-> kAccepting, kBackoff between tries, until finished.
//
// Invariants (docs/PROTOCOL.md#invariants):
//   I1  every ballot it uses is higher than the one before, and than the record it starts from.
//   I2  a ballot carries one record: each Accept round has a ballot of its own.
//   I9  a change whose Accept may have been executed is looked for before it is made again.
// Thread-compatible, as every Operation.
class RegisterOp final : public Operation {
 public:
  RegisterOp(OperationContext context, model::Key key, Mutation mutation,
             RegisterOptions options = {});

  [[nodiscard]] Actions Start(const base::Now& now) override;
  [[nodiscard]] Actions OnReply(ReplicaIndex replica, uint32_t round, model::ReplicaReply reply,
                                const base::Now& now) override;
  [[nodiscard]] Actions OnTimer(const base::Now& now) override;
  base::MonotonicTime wake_at() const override;
  Mutation TakeMutation() override;
  uint32_t rounds() const override { return round_; }
  ReplicaMask awaited() const override;
  std::optional<model::RequestId> request_id() const override { return mutation_.request_id; }

  // A late yes to the blind write that this operation rescues.
  [[nodiscard]] Actions OnBlindAccepted(ReplicaIndex replica);
  // After success with reserve_next: the ballot for the next operation on this key, unless one
  // refused.
  std::optional<CachedBallot> TakeCachedBallot() { return std::move(reserved_); }
  // Another coordinator came between at least once.
  bool contended() const { return contended_; }

 private:
  enum class Phase : uint8_t { kPreparing, kAccepting, kBackoff };

  model::Ballot NextBallot(const base::Now& now);
  bool FirstIsPlausible(const base::Now& now) const;
  bool CachedBallotServes(const base::Now& now) const;

  Actions BeginRound(Phase phase);
  Actions BeginPrepare(const base::Now& now);
  Actions BeginAccept(model::Record record, bool changed);
  Actions DecideOnCached(const base::Now& now);

  Actions OnPromise(ReplicaIndex replica, model::ReplicaReply reply, const base::Now& now);
  Actions OnAccepted(ReplicaIndex replica, const base::Now& now);
  Actions OnFailure(ReplicaIndex replica, model::ReplicaReply reply, const base::Now& now);

  // The steps from a base to an Accept or an answer.
  Actions Decide(Base base, const base::Now& now);
  Actions Repeat(Base base, const model::Change& change);
  Actions Change(Base base, Evaluation evaluation);
  Actions Keep(Base base, Evaluation evaluation);
  Actions Settle(Base base, bool chosen);
  bool MayOutliveItsBase(const Base& base, const Evaluation& made) const;
  bool NeverHappened(const Base& base) const;
  bool HasOtherTries() const;
  bool NeverTookPart() const;
  bool IsAttested(const model::Ballot& ballot, bool is_blind) const;
  // Given NeverHappened: nor can it any more.
  bool IsOver(const Base& base) const;
  bool ExpiryIsInDoubt(const model::Record& record) const;

  // The Accept rounds so far are as if they had not been.
  void ForgetEarlier();
  // What becomes of an Accept round that is left behind.
  void CloseAcceptRound();
  // An Accept that carries the change may have been executed, or may yet be.
  bool MaybeApplied() const;
  Actions TryAgain(const base::Now& now);

  Actions Answer();
  Actions Finish();
  Actions FinishBlind();
  Actions Fail(OpError error);

  Mutation mutation_;
  RegisterOptions options_;
  uint8_t required_ = 0;

  model::RequestId id_;
  // (epoch, hlc) below every ballot that any try of this operation has used.
  model::Ballot first_;

  Phase phase_ = Phase::kPreparing;
  // Of the present step, and of the beginning of the round.
  base::MonotonicTime time_;
  base::MonotonicTime round_began_;
  uint32_t round_ = 0;
  model::Ballot ballot_;
  uint64_t now_ms_ = 0;  // by which expiry is judged in this round
  PrepareRound prepare_{model::RequestId{}};
  ReplicaMask yes_ = 0;
  ReplicaMask no_ = 0;      // will never say yes in this round
  ReplicaMask lost_ = 0;    // of these, may have accepted it
  ReplicaMask silent_ = 0;  // of these, could not be reached
  Failures failures_;       // of this round

  bool on_cached_ = false;      // the Accept under way was not prepared
  bool changes_ = false;        // it carries the change
  model::Record record_;        // what it carries
  bool settles_first_ = false;  // it settles the base of a change that comes after it
  model::Ballot settled_;       // of the last such Accept that a majority made
  model::Ballot next_;          // reserved with it
  model::Ballot last_change_;   // of the latest Accept, the blind one included, with the change
  bool earlier_ = false;        // an earlier Accept with the change may have been executed
  bool found_other_ = false;    // the change was found once, and no Accept of ours had made it
  // What Accepts that are left behind would have told, each by its version: one of them may be
  // found in the lineage.
  std::vector<OpResult> left_behind_;
  uint32_t attempt_ = 0;
  bool contended_ = false;
  base::MonotonicTime backoff_until_ = base::MonotonicTime::Infinite();
  std::optional<CachedBallot> reserved_;
};

}  // namespace quorumcache::quorum
