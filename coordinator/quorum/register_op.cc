// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/register_op.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/probe.h"
#include "coordinator/quorum/backoff.h"

namespace quorumcache::quorum {
namespace {

using model::Ballot;
using model::Record;
using model::RecordState;
using model::ReplicaReply;
using model::ReplyStatus;
using model::RequestId;

// (epoch, hlc) alone: below every ballot with the same clock reading.
Ballot WithoutProposer(const Ballot& ballot) {
  return Ballot{ballot.epoch, ballot.hlc, 0};
}

// Whether `lineage` knows of no other writer: of its last changes, and of the blind write before
// them where they are few. Nobody proposes as 0, which is in the root of what is forgotten.
bool IsOnlyOf(uint64_t proposer, const model::Lineage& lineage) {
  for (const model::Change& change : lineage.changes()) {
    if (change.ballot.proposer != proposer) return false;
  }
  const uint64_t of_root = lineage.root().proposer;
  return lineage.changes().size() >= limits::kLineageChangesMin || of_root == proposer ||
         of_root == 0;
}

// Whether a promise of `ballot` is one that a replica by our rules can give. The checks behind it
// are for our own mistakes; what a stranger sends must not stop the process.
bool IsSane(const ReplicaReply& promise, const Ballot& ballot) {
  if (promise.accepted >= ballot || promise.forgotten >= ballot) return false;
  if (promise.accepted.IsZero()) return true;
  return promise.record && promise.record->lineage.LastChange() <= promise.accepted;
}

}  // namespace

RegisterOp::RegisterOp(OperationContext context, model::Key key, Mutation mutation,
                       RegisterOptions options)
    : Operation(std::move(context), std::move(key)),
      mutation_(std::move(mutation)),
      options_(std::move(options)),
      required_(static_cast<uint8_t>(std::max(
          SlotsRequired(context_.replicas, context_.consistency), context_.replicas.Majority()))),
      id_(mutation_.request_id.value_or(RequestId{})),
      first_(options_.blind ? WithoutProposer(options_.blind->ballot) : mutation_.first),
      round_(options_.first_round - 1),
      last_change_(options_.blind ? options_.blind->ballot : Ballot{}),
      earlier_(!mutation_.first.IsZero() || (options_.blind && !options_.blind->dead)) {}

Ballot RegisterOp::NextBallot(const base::Now& now) {
  if (contended_) {
    context_.clock->Observe(OvertakingHlc(context_.clock->last(), now.wall_ms));
  }
  return Ballot{context_.replicas.epoch, context_.clock->Next(now.wall_ms), context_.proposer};
}

// A `first` from the future would drag this coordinator's clock, and then the replicas', after it.
bool RegisterOp::FirstIsPlausible(const base::Now& now) const {
  return model::HlcMillis(mutation_.first.hlc) <= now.wall_ms + limits::kClockSkewMsMaxDefault ||
         mutation_.first.hlc <= context_.clock->last();
}

// A retry needs a ballot above every blind one of its earlier tries, so a cached one will not do.
// One of a key that others write, too, is probably overtaken, unless hardly any time has passed,
// and then it may be that nobody can say what became of its Accept.
bool RegisterOp::CachedBallotServes(const base::Now& now) const {
  if (!options_.cached || !mutation_.first.IsZero()) return false;
  const CachedBallot& cached = *options_.cached;
  if (cached.ballot.epoch != context_.replicas.epoch) return false;
  if (IsOnlyOf(context_.proposer, cached.base.lineage)) return true;
  const uint64_t now_ms = std::max(now.wall_ms, model::HlcMillis(context_.clock->last()));
  const bool young = now_ms <= model::HlcMillis(cached.ballot.hlc) + kCachedBallotAgeMsMax;
  if (!young || !options_.follows) QC_PROBE("register_cached_ballot_is_old");
  return young && options_.follows;
}

Actions RegisterOp::Start(const base::Now& now) {
  QC_CHECK(!finished_ && round_ + 1 == options_.first_round);
  time_ = now.monotonic;
  if (SlotsOpen(context_.replicas, context_.unreachable) < required_) {
    return Fail(OpError::kQuorumUnreachable);
  }
  if (!FirstIsPlausible(now)) {
    QC_PROBE("register_first_is_ahead");
    return Fail(OpError::kClockSkew);
  }
  if (mutation_.first.epoch > context_.replicas.epoch) {
    QC_PROBE("register_first_is_of_newer_epoch");
    return Fail(OpError::kStaleTopology);
  }
  context_.clock->Observe(mutation_.first.hlc);
  on_cached_ = CachedBallotServes(now);
  ballot_ = on_cached_ ? options_.cached->ballot : NextBallot(now);
  const Ballot begun = options_.blind ? options_.blind->ballot : ballot_;
  id_ = mutation_.request_id.value_or(RequestId::FromBallot(begun));
  if (first_.IsZero()) first_ = WithoutProposer(begun);
  return on_cached_ ? DecideOnCached(now) : BeginPrepare(now);
}

Actions RegisterOp::DecideOnCached(const base::Now& now) {
  QC_PROBE("register_uses_cached_ballot");
  CachedBallot cached = *std::move(options_.cached);
  now_ms_ = model::HlcMillis(context_.clock->Next(now.wall_ms));
  // The base was the highest when the ballot was promised; whether it still is, the Accept will
  // tell.
  const bool live = model::IsLive(cached.base.state, cached.base.expire_at_ms, now_ms_);
  const bool expired = cached.base.state == RecordState::kValue && !live;
  return Decide(Base{cached.base_ballot, std::move(cached.base), /*unanimous=*/false, expired},
                now);
}

Actions RegisterOp::BeginRound(Phase phase) {
  QC_CHECK(!finished_);
  phase_ = phase;
  round_began_ = time_;
  ++round_;
  yes_ = no_ = lost_ = silent_ = 0;
  failures_ = Failures{};
  backoff_until_ = base::MonotonicTime::Infinite();
  return {};
}

Actions RegisterOp::BeginPrepare(const base::Now& now) {
  CloseAcceptRound();
  // The first round's ballot is made by Start, which needs it for the id.
  if (round_ >= options_.first_round) ballot_ = NextBallot(now);
  // I1, and what the lineage rule rests on.
  QC_CHECK(ballot_ > first_ && ballot_.epoch == context_.replicas.epoch);
  on_cached_ = settles_first_ = false;
  now_ms_ = model::HlcMillis(ballot_.hlc);
  prepare_ = PrepareRound(id_, context_.mutant == Mutant::kBaseFromFirstPromise);
  Actions actions = BeginRound(Phase::kPreparing);
  const ReplicaMask counting = CountingReplicas(context_.replicas);
  for (size_t i = 0; i < context_.replicas.replicas.size(); ++i) {
    const auto replica = static_cast<ReplicaIndex>(i);
    if (!(counting & Bit(replica))) continue;  // a promise of a node that is not ready binds nobody
    actions.sends.push_back(Send{replica, round_, model::PrepareRequest{ballot_}});
  }
  return actions;
}

Actions RegisterOp::BeginAccept(Record record, bool changed) {
  record_ = std::move(record);
  changes_ = changed;
  if (changed) last_change_ = ballot_;
  next_ = Ballot{};
  // I1: the record's own history lies below the ballot that it gets.
  QC_CHECK(record_.lineage.LastChange() <= ballot_);
  Actions actions = BeginRound(Phase::kAccepting);
  if (options_.reserve_next) {
    next_ = Ballot{ballot_.epoch, context_.clock->Next(now_ms_), ballot_.proposer};
  }
  for (size_t i = 0; i < context_.replicas.replicas.size(); ++i) {
    actions.sends.push_back(
        Send{static_cast<ReplicaIndex>(i), round_,
             AcceptSend{ballot_, &record_, next_, mutation_.fsync, /*repair=*/false}});
  }
  return actions;
}

Actions RegisterOp::OnReply(ReplicaIndex replica, uint32_t round, ReplicaReply reply,
                            const base::Now& now) {
  QC_CHECK(replica < context_.replicas.replicas.size());
  context_.clock->Observe(std::max(reply.hlc, reply.promised.hlc));
  time_ = now.monotonic;
  const bool repeated = ((yes_ | no_) & Bit(replica)) != 0;
  if (finished_ || round != round_ || repeated) return {};
  if (reply.status != ReplyStatus::kOk) return OnFailure(replica, std::move(reply), now);
  if (phase_ == Phase::kPreparing) return OnPromise(replica, std::move(reply), now);
  return OnAccepted(replica, now);
}

Actions RegisterOp::OnPromise(ReplicaIndex replica, ReplicaReply reply, const base::Now& now) {
  if (!IsSane(reply, ballot_)) {
    reply.status = ReplyStatus::kInvalid;
    return OnFailure(replica, std::move(reply), now);
  }
  yes_ |= Bit(replica);
  prepare_.Add(replica, std::move(reply));
  if (YesSlots(yes_) < required_) return {};
  if (options_.blind) {
    const ReplicaMask whole = WholeSlotReplicas(context_.replicas);
    options_.blind->accepted |= prepare_.TookPart(options_.blind->ballot) & whole;
  }
  Base base = prepare_.TakeBase(now_ms_);
  if (ExpiryIsInDoubt(base.record)) {
    QC_PROBE("register_expiry_in_doubt");
    return BeginPrepare(now);
  }
  return Decide(std::move(base), now);
}

// Another coordinator may have seen it expire already: its clock, which a replica has told us, was
// there.
bool RegisterOp::ExpiryIsInDoubt(const Record& record) const {
  if (context_.mutant == Mutant::kExpiryByLocalClock) return false;
  return model::IsLive(record.state, record.expire_at_ms, now_ms_) &&
         !model::IsLive(record.state, record.expire_at_ms, model::HlcMillis(prepare_.hlc()));
}

Actions RegisterOp::OnAccepted(ReplicaIndex replica, const base::Now& now) {
  yes_ |= Bit(replica);
  if (YesSlots(yes_) < required_) return {};
  if (settles_first_) {
    settled_ = ballot_;
    return BeginPrepare(now);
  }
  const bool refused =
      failures_.Saw(ReplyStatus::kRefused) && context_.mutant != Mutant::kCachedBallotAfterRefusal;
  if (!next_.IsZero() && !refused) {
    reserved_ = CachedBallot{next_, ballot_, record_};
  }
  return Answer();
}

Actions RegisterOp::OnFailure(ReplicaIndex replica, ReplicaReply reply, const base::Now& now) {
  no_ |= Bit(replica);
  if (model::IsSilence(reply.status)) silent_ |= Bit(replica);
  if (!CountsAsNeverAccepted(reply, ballot_)) lost_ |= Bit(replica);
  // Only a newer map makes ballots of a newer epoch; ours cannot win against them.
  if (reply.status == ReplyStatus::kRefused && reply.promised.epoch > context_.replicas.epoch) {
    reply.status = ReplyStatus::kStaleEpoch;
  }
  failures_.Add(reply);
  if (on_cached_ && context_.mutant == Mutant::kCachedBallotAfterRefusal) {
    reserved_ = CachedBallot{ballot_, model::Ballot{}, record_};
  }
  if (phase_ == Phase::kBackoff) return {};
  if (SlotsOpen(context_.replicas, no_) >= required_) return {};
  return TryAgain(now);
}

Actions RegisterOp::Decide(Base base, const base::Now& now) {
  const bool careless = context_.mutant == Mutant::kRetryWithoutLineage;
  if (const auto change = base.record.lineage.Find(id_); change && !careless) {
    QC_PROBE("register_found_in_lineage");
    return Repeat(std::move(base), *change);
  }
  if (earlier_ && !NeverHappened(base)) {
    if (options_.blind && YesSlots(options_.blind->accepted) >= required_) return FinishBlind();
    QC_PROBE("register_lineage_does_not_reach_back");
    return Fail(OpError::kOutcomeUnknown);
  }
  if (earlier_ && IsOver(base)) ForgetEarlier();
  Evaluation evaluation = Evaluate(mutation_, base.record, now_ms_);
  if (evaluation.changed && MayOutliveItsBase(base, evaluation)) {
    QC_PROBE("register_settles_what_it_outlives");
    settles_first_ = true;
    return BeginAccept(std::move(base.record), /*changed=*/false);
  }
  if (evaluation.changed) return Change(std::move(base), std::move(evaluation));
  return Keep(std::move(base), std::move(evaluation));
}

// What is made from a value that a minority holds, and lives longer: it could come to light when
// the value's time is over, and a majority that never held the value has said so.
bool RegisterOp::MayOutliveItsBase(const Base& base, const Evaluation& made) const {
  const uint64_t until = base.record.expire_at_ms;
  const bool needs_it = made.found && until != 0 && !mutation_.IsBlind();
  const bool outlives = made.record.state == RecordState::kValue &&
                        (made.record.expire_at_ms == 0 || made.record.expire_at_ms > until);
  const bool chosen = base.unanimous || on_cached_ || base.ballot == settled_;
  return needs_it && outlives && !chosen;
}

// The change is not in the lineage. That proves something only where the lineage reaches back to
// before the operation began, or where a majority attests that each Accept passed it by.
bool RegisterOp::NeverHappened(const Base& base) const {
  if (context_.mutant == Mutant::kRetryWithoutLineage ||
      context_.mutant == Mutant::kUncoveredMeansNever) {
    return true;
  }
  return base.record.lineage.OldestKnown() < first_ || NeverTookPart();
}

// The same operation has been tried before, by another object: nobody here knows its ballots.
bool RegisterOp::HasOtherTries() const {
  return !mutation_.first.IsZero() || found_other_;
}

bool RegisterOp::NeverTookPart() const {
  if (on_cached_ || HasOtherTries()) return false;
  if (options_.blind && context_.mutant == Mutant::kRestampWithoutProof) return true;
  QC_PROBE("register_attestation");
  const bool blind_is_apart = !options_.blind || options_.blind->dead ||
                              IsAttested(options_.blind->ballot, /*is_blind=*/true);
  if (context_.mutant == Mutant::kAttestBlindOnly) return blind_is_apart;
  return blind_is_apart &&
         std::all_of(left_behind_.begin(), left_behind_.end(), [this](const OpResult& made) {
           return IsAttested(made.version, /*is_blind=*/false);
         });
}

bool RegisterOp::IsAttested(const Ballot& ballot, bool is_blind) const {
  PrepareRound::Attestation how;
  how.is_blind = is_blind;
  how.check_previous = context_.mutant != Mutant::kAttestWithoutPrevious;
  how.check_lineage = context_.mutant != Mutant::kAttestWithoutLineage;
  const ReplicaMask attested =
      prepare_.NeverTookPart(ballot, how) & WholeSlotReplicas(context_.replicas);
  return SlotsCovered(context_.replicas, attested) >= required_;
}

// A majority holds a later record that does not come from any of our Accepts: whoever prepares
// from now on starts from that record or a later one. The Accepts of a retry's earlier tries may be
// under way elsewhere with any ballot, so they are never over.
bool RegisterOp::IsOver(const Base& base) const {
  if (HasOtherTries()) return false;
  if (context_.mutant == Mutant::kOverWithoutMajority) return true;
  return base.unanimous && base.ballot > last_change_;
}

// So the lineage need reach back to this ballot only: a key that sees more changes than a lineage
// holds while this operation competes for it does not end as `unknown`.
void RegisterOp::ForgetEarlier() {
  QC_PROBE("register_earlier_is_over");
  earlier_ = false;
  left_behind_.clear();
  if (options_.blind) options_.blind->dead = true;
  first_ = WithoutProposer(ballot_);
}

// An earlier try has made the change: of this operation, then it knows what it replaced, or of an
// earlier operation with the same request id.
Actions RegisterOp::Repeat(Base base, const model::Change& change) {
  QC_CHECK(change.ballot <= ballot_);
  earlier_ = true;
  const auto own =
      std::find_if(left_behind_.begin(), left_behind_.end(),
                   [&](const OpResult& made) { return made.version == change.ballot; });
  const bool is_blind = options_.blind && options_.blind->ballot == change.ballot;
  found_other_ |= own == left_behind_.end() && !is_blind;
  result_ = own == left_behind_.end() ? OpResult{} : *own;
  result_.previous_unknown = mutation_.return_previous && own == left_behind_.end();
  result_.outcome = Outcome::kApplied;
  result_.found = true;
  result_.version = change.ballot;
  if (mutation_.kind == MutationKind::kIncrement) result_.number = change.result;
  const bool latest = base.record.lineage.LastChange() == change.ballot;
  if (!latest) QC_PROBE("register_repeats_superseded_change");
  result_.record.state = base.record.state;
  result_.record.expire_at_ms = latest ? base.record.expire_at_ms : mutation_.expire_at_ms;
  const bool chosen = base.unanimous && !on_cached_;
  return Settle(std::move(base), chosen);
}

Actions RegisterOp::Change(Base base, Evaluation evaluation) {
  result_ = OpResult{};
  result_.outcome = Outcome::kApplied;
  QC_CHECK(ballot_ > base.ballot);
  result_.found = result_.replaced = evaluation.found;
  result_.version = ballot_;
  result_.number = evaluation.number;
  result_.record.state = evaluation.record.state;
  result_.record.expire_at_ms = evaluation.record.expire_at_ms;
  const int64_t told = mutation_.kind == MutationKind::kIncrement ? evaluation.number : 1;
  evaluation.record.lineage = base.record.lineage.With(model::Change{id_, ballot_, told});
  if (mutation_.return_previous && evaluation.found) {
    result_.previous_version = base.record.lineage.LastChange();
    result_.previous = std::move(base.record);
  }
  return BeginAccept(std::move(evaluation.record), /*changed=*/true);
}

// The record stays as it is: a false condition, a read, nothing to touch or delete.
Actions RegisterOp::Keep(Base base, Evaluation evaluation) {
  result_ = OpResult{};
  result_.error = evaluation.error;
  result_.found = evaluation.found;
  if (evaluation.found) {
    result_.version = context_.mutant == Mutant::kEtagIsTheBallot
                          ? base.ballot
                          : base.record.lineage.LastChange();
  }
  const bool was_asked =
      mutation_.kind == MutationKind::kDelete && evaluation.error == OpError::kNone;
  if (was_asked) result_.outcome = Outcome::kApplied;
  if (mutation_.kind == MutationKind::kNothing && evaluation.found) result_.record = base.record;
  // That its time is over is known to us and to no record: a Touch that saw it alive, and was
  // accepted by a minority, could still come to light after we have called it gone.
  const bool by_expiry = base.expired && context_.mutant != Mutant::kExpiredReadIgnoresPromise;
  const bool sealed = base.unanimous && !on_cached_ && !earlier_ && !by_expiry;
  const bool careless = context_.mutant == Mutant::kUnsealedFalseCondition && !on_cached_;
  return Settle(std::move(base), sealed || careless);
}

// Answers when `chosen`: a majority holds the base, and nothing of ours can come after it.
// Otherwise the base is accepted again under the new ballot first, which makes both true.
Actions RegisterOp::Settle(Base base, bool chosen) {
  if (chosen) return Answer();
  QC_PROBE("register_seals_unchanged_record");
  if (base.record.state == RecordState::kAbsent || base.expired) {
    QC_PROBE("register_seals_with_a_tombstone");
    Record tombstone;
    tombstone.state = RecordState::kTombstone;
    tombstone.lineage = std::move(base.record.lineage);
    base.record = std::move(tombstone);
  }
  return BeginAccept(std::move(base.record), /*changed=*/false);
}

void RegisterOp::CloseAcceptRound() {
  if (changes_ && !MaybeApplied()) QC_PROBE("register_accept_round_dead");
  earlier_ = MaybeApplied();
  if (earlier_ && changes_) left_behind_.push_back(std::move(result_));
  changes_ = false;
}

bool RegisterOp::MaybeApplied() const {
  if (earlier_ || !changes_) return earlier_;
  // Refused by all for good (I5): it is as if the round had not been.
  const bool dead = no_ == AllReplicas(context_.replicas) && lost_ == 0;
  return !dead;
}

Actions RegisterOp::TryAgain(const base::Now& now) {
  QC_CHECK(!finished_ && SlotsOpen(context_.replicas, no_) < required_);
  const bool maybe_applied = MaybeApplied();
  const bool refused = failures_.Saw(ReplyStatus::kRefused);
  contended_ |= refused;
  if (failures_.Error() == OpError::kStaleTopology) return Fail(OpError::kStaleTopology);
  if (!refused && !maybe_applied) return Fail(failures_.Error());
  const absl::Duration round = now.monotonic - round_began_;
  const base::MonotonicTime until =
      now.monotonic + (on_cached_ ? YieldDelay(round, context_.random)
                                  : BackoffDelay(attempt_++, round, context_.random));
  if (until >= context_.deadline && !maybe_applied) {
    QC_PROBE("register_gives_up_on_contention");
    return Fail(OpError::kContention);
  }
  QC_PROBE("register_backs_off");
  phase_ = Phase::kBackoff;
  backoff_until_ = until;
  return {};
}

Actions RegisterOp::OnTimer(const base::Now& now) {
  if (finished_) return {};
  time_ = now.monotonic;
  if (now.monotonic >= context_.deadline) return Fail(failures_.Error());
  if (phase_ == Phase::kBackoff && now.monotonic >= backoff_until_) return BeginPrepare(now);
  return {};
}

base::MonotonicTime RegisterOp::wake_at() const {
  if (finished_) return base::MonotonicTime::Infinite();
  return std::min(context_.deadline, backoff_until_);
}

Actions RegisterOp::OnBlindAccepted(ReplicaIndex replica) {
  QC_CHECK(options_.blind.has_value());
  options_.blind->accepted |= Bit(replica);
  if (finished_ || YesSlots(options_.blind->accepted) < required_) return {};
  return FinishBlind();
}

// A majority accepted the blind write after all: it took effect, whatever has replaced it since.
Actions RegisterOp::FinishBlind() {
  QC_PROBE("register_blind_was_accepted");
  result_ = OpResult{};
  result_.outcome = Outcome::kApplied;
  result_.version = options_.blind->ballot;
  result_.record.state =
      mutation_.kind == MutationKind::kDelete ? RecordState::kTombstone : RecordState::kValue;
  result_.record.expire_at_ms = mutation_.expire_at_ms;
  yes_ = options_.blind->accepted;
  return Answer();
}

// I3, I4: what is answered, a majority holds.
Actions RegisterOp::Answer() {
  QC_CHECK(YesSlots(yes_) >= required_);
  return Finish();
}

Actions RegisterOp::Finish() {
  QC_CHECK(!finished_);
  finished_ = true;
  result_.required = required_;
  result_.responded = static_cast<uint8_t>(SlotsCovered(context_.replicas, yes_));
  Actions actions;
  actions.finished = true;
  return actions;
}

// `error` names the cause where nothing can have changed. Where it may have, the caller hears
// `unknown` and, unless a newer map is the cause, nothing else.
Actions RegisterOp::Fail(OpError error) {
  const bool unknown = MaybeApplied();
  result_ = OpResult{};
  result_.error = unknown && error != OpError::kStaleTopology ? OpError::kOutcomeUnknown : error;
  result_.outcome = unknown ? Outcome::kUnknown : Outcome::kNotApplied;
  result_.first = unknown ? first_ : Ballot{};
  result_.detail = failures_.detail();
  return Finish();
}

ReplicaMask RegisterOp::awaited() const {
  if (round_ < options_.first_round) return 0;
  if (phase_ == Phase::kBackoff) return silent_;
  const ReplicaMask asked = phase_ == Phase::kPreparing ? CountingReplicas(context_.replicas)
                                                        : AllReplicas(context_.replicas);
  return static_cast<ReplicaMask>((asked & ~(yes_ | no_)) | silent_);
}

Mutation RegisterOp::TakeMutation() {
  if (result_.outcome == Outcome::kUnknown) {
    mutation_.request_id = id_;
    mutation_.first = first_;
  }
  return std::move(mutation_);
}

}  // namespace quorumcache::quorum
