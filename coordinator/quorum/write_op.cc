// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/write_op.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/probe.h"

namespace quorumcache::quorum {
namespace {

using model::Ballot;
using model::RecordState;
using model::ReplicaReply;
using model::ReplyStatus;

constexpr uint32_t kBlindRound = 1;

}  // namespace

WriteOp::WriteOp(OperationContext context, model::Key key, Mutation mutation)
    : Operation(std::move(context), std::move(key)),
      mutation_(std::move(mutation)),
      required_(static_cast<uint8_t>(SlotsRequired(context_.replicas, context_.consistency))) {
  QC_CHECK(mutation_.IsBlind());
}

Actions WriteOp::Start(const base::Now& now) {
  QC_CHECK(ballot_.IsZero());
  if (SlotsOpen(context_.replicas, context_.unreachable) < required_) {
    return Fail(OpError::kQuorumUnreachable);
  }
  ballot_ = Ballot{context_.replicas.epoch, context_.clock->Next(now.wall_ms), context_.proposer};
  now_ms_ = model::HlcMillis(ballot_.hlc);
  MakeRecord();
  Actions actions;
  for (size_t i = 0; i < context_.replicas.replicas.size(); ++i) {
    actions.sends.push_back(
        Send{static_cast<ReplicaIndex>(i), kBlindRound,
             AcceptSend{ballot_, &record_, Ballot{}, mutation_.fsync, /*repair=*/false}});
  }
  return actions;
}

void WriteOp::MakeRecord() {
  const bool is_set = mutation_.kind == MutationKind::kSet;
  record_.state = is_set ? RecordState::kValue : RecordState::kTombstone;
  record_.lineage = model::Lineage::Blind(ballot_, mutation_.request_id);
  if (!is_set) return;
  record_.value = std::move(mutation_.value);
  record_.content_type = std::move(mutation_.content_type);
  record_.expire_at_ms = mutation_.expire_at_ms;
}

Mutation WriteOp::RestoreMutation() {
  if (mutation_.kind == MutationKind::kSet && record_.state == RecordState::kValue) {
    mutation_.value = std::move(record_.value);
    mutation_.content_type = std::move(record_.content_type);
    record_ = model::Record{};
  }
  return std::move(mutation_);
}

model::RequestId WriteOp::Id() const {
  return mutation_.request_id.value_or(model::RequestId::FromBallot(ballot_));
}

Actions WriteOp::OnReply(ReplicaIndex replica, uint32_t round, ReplicaReply reply,
                         const base::Now& now) {
  QC_CHECK(replica < context_.replicas.replicas.size());
  context_.clock->Observe(std::max(reply.hlc, reply.promised.hlc));
  if (finished_) return {};
  if (round != kBlindRound) {
    QC_CHECK(fallback_ != nullptr);
    return FromFallback(fallback_->OnReply(replica, round, std::move(reply), now));
  }
  const bool repeated = ((yes_ | no_) & Bit(replica)) != 0;
  if (repeated) return {};
  return reply.status == ReplyStatus::kOk ? OnYes(replica, reply, now) : OnNo(replica, reply, now);
}

Actions WriteOp::OnYes(ReplicaIndex replica, const ReplicaReply& reply, const base::Now& now) {
  yes_ |= Bit(replica);
  replaced_ |= model::IsLive(reply.state, reply.expire_at_ms, now_ms_);
  if (fallback_) {
    QC_PROBE("write_late_yes");
    return FromFallback(fallback_->OnBlindAccepted(replica));
  }
  if (YesSlots(yes_) >= required_) return Finish();
  if (context_.mutant == Mutant::kLastYesIsNotLookedAt) return {};
  return LookOn(now);
}

Actions WriteOp::OnNo(ReplicaIndex replica, const ReplicaReply& reply, const base::Now& now) {
  no_ |= Bit(replica);
  if (model::IsSilence(reply.status)) silent_ |= Bit(replica);
  if (!CountsAsNeverAccepted(reply, ballot_)) lost_ |= Bit(replica);
  failures_.Add(reply);
  if (fallback_) return {};
  if (context_.mutant == Mutant::kCountRepliesNotYeses && YesSlots(yes_ | no_) >= required_) {
    return Finish();
  }
  return LookOn(now);
}

// After each reply, as each may be the last: waits for more, or goes on without.
Actions WriteOp::LookOn(const base::Now& now) {
  if (SlotsOpen(context_.replicas, no_) >= required_) return {};
  // Without a refusal the replicas are in trouble, not ahead of us. Hear them all: a Prepare would
  // fare no better, and when none has executed it, that is the answer.
  const bool heard_all = (yes_ | no_) == AllReplicas(context_.replicas);
  if (!failures_.Saw(ReplyStatus::kRefused) && !heard_all) return {};
  return FallBack(now);
}

bool WriteOp::IsDead() const {
  return no_ == AllReplicas(context_.replicas) && lost_ == 0;
}

Actions WriteOp::FallBack(const base::Now& now) {
  const bool refused = failures_.Saw(ReplyStatus::kRefused);
  if (refused && context_.mutant == Mutant::kSupersededIsSuccess) return Finish();
  // Too few replicas can be reached for a Prepare either, and there is nothing to find out.
  if (IsDead() && !refused) return Fail(failures_.Error());
  // ALL with a replica out of reach: the rest may hold it, and no second try can bring all
  // together.
  if (!refused && required_ > context_.replicas.Majority()) {
    QC_PROBE("write_all_gives_up");
    return Fail(OpError::kOutcomeUnknown);
  }
  QC_PROBE("write_falls_back");
  QC_CHECK(fallback_ == nullptr);
  OperationContext context = context_;
  context.unreachable = 0;
  RegisterOptions options;
  options.first_round = kBlindRound + 1;
  options.blind = BlindAttempt{ballot_, yes_, IsDead()};
  if (IsDead()) QC_PROBE("write_dead_before_fallback");
  fallback_ = std::make_unique<RegisterOp>(std::move(context), model::Key{}, RestoreMutation(),
                                           std::move(options));
  return FromFallback(fallback_->Start(now));
}

Actions WriteOp::FromFallback(Actions actions) {
  if (!actions.finished) return actions;
  finished_ = true;
  result_ = std::move(fallback_->result());
  return actions;
}

Actions WriteOp::OnTimer(const base::Now& now) {
  if (finished_) return {};
  if (fallback_) return FromFallback(fallback_->OnTimer(now));
  if (now.monotonic < context_.deadline) return {};
  return Fail(failures_.Error());
}

base::MonotonicTime WriteOp::wake_at() const {
  if (finished_) return base::MonotonicTime::Infinite();
  return fallback_ ? fallback_->wake_at() : context_.deadline;
}

uint32_t WriteOp::rounds() const {
  if (fallback_) return fallback_->rounds();
  return ballot_.IsZero() ? 0 : kBlindRound;
}

ReplicaMask WriteOp::awaited() const {
  if (fallback_) return fallback_->awaited();
  if (ballot_.IsZero()) return 0;
  return static_cast<ReplicaMask>((AllReplicas(context_.replicas) & ~(yes_ | no_)) | silent_);
}

std::optional<model::RequestId> WriteOp::request_id() const {
  return fallback_ ? fallback_->request_id() : mutation_.request_id;
}

Actions WriteOp::Finish() {
  QC_CHECK(!finished_ && (yes_ & no_) == 0);
  finished_ = true;
  result_.outcome = Outcome::kApplied;
  result_.found = result_.replaced = replaced_;
  result_.version = ballot_;
  result_.record.state = record_.state;
  result_.record.expire_at_ms = record_.expire_at_ms;
  result_.required = required_;
  result_.responded = static_cast<uint8_t>(SlotsCovered(context_.replicas, yes_));
  Actions actions;
  actions.finished = true;
  return actions;
}

Actions WriteOp::Fail(OpError error) {
  QC_CHECK(!finished_);
  const bool nothing_sent = ballot_.IsZero();
  const bool unknown = !nothing_sent && !IsDead();
  finished_ = true;
  result_.error = unknown ? OpError::kOutcomeUnknown : error;
  result_.outcome = unknown ? Outcome::kUnknown : Outcome::kNotApplied;
  if (unknown) result_.first = Ballot{ballot_.epoch, ballot_.hlc, 0};
  result_.required = required_;
  result_.responded = static_cast<uint8_t>(SlotsCovered(context_.replicas, yes_));
  result_.detail = failures_.detail();
  Actions actions;
  actions.finished = true;
  return actions;
}

Mutation WriteOp::TakeMutation() {
  if (fallback_) return fallback_->TakeMutation();
  Mutation mutation = RestoreMutation();
  if (result_.outcome == Outcome::kUnknown) {
    mutation.request_id = Id();
    mutation.first = result_.first;
  }
  return mutation;
}

}  // namespace quorumcache::quorum
