// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/read_op.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/probe.h"
#include "coordinator/quorum/prepare_round.h"

namespace quorumcache::quorum {
namespace {

using model::Ballot;
using model::Consistency;
using model::ReplicaReply;
using model::ReplyStatus;

// A reply that our replicas can give; what a stranger sends must not trip a check.
bool IsSane(const ReplicaReply& reply) {
  return !reply.record || reply.record->lineage.LastChange() <= reply.accepted;
}

}  // namespace

ReadOp::ReadOp(OperationContext context, model::Key key, absl::Duration hedge_delay)
    : Operation(std::move(context), std::move(key)),
      hedge_delay_(hedge_delay),
      required_(static_cast<uint8_t>(SlotsRequired(context_.replicas, context_.consistency))) {
  if (context_.mutant == Mutant::kReadOneReplica) required_ = 1;
}

Actions ReadOp::Start(const base::Now& now) {
  QC_CHECK(last_round_ == 0);
  if (SlotsOpen(context_.replicas, context_.unreachable) < required_) {
    return Fail(OpError::kQuorumUnreachable);
  }
  failed_ = context_.unreachable;
  return BeginAsking(now);
}

// Asks from the beginning, and tells the replicas the time by which it will judge expiry.
Actions ReadOp::BeginAsking(const base::Now& now) {
  now_ms_ = model::HlcMillis(context_.clock->Next(now.wall_ms));
  hedge_at_ = now.monotonic + hedge_delay_;
  ask_round_ = ++last_round_;
  fetch_round_ = write_back_round_ = 0;
  slots_wanted_ = required_;
  asked_ = answered_ = sent_back_ = not_writable_ = 0;
  record_asked_ = false;
  views_.assign(context_.replicas.replicas.size(), View{});
  hlc_ = 0;
  record_ballot_ = Ballot{};
  Actions actions;
  AskMore(&actions);
  return actions;
}

void ReadOp::Ask(ReplicaIndex replica, bool digest, uint32_t round, Actions* actions) {
  asked_ |= Bit(replica);
  actions->sends.push_back(Send{replica, round, model::ReadRequest{digest}});
}

// Asks whole slots until slots_wanted_ of them may answer, or there is no other.
void ReadOp::AskMore(Actions* actions) {
  const model::ReplicaSet& set = context_.replicas;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    if (SlotsCovered(set, asked_ & ~failed_) >= slots_wanted_) return;
    const ReplicaMask mates = SlotMates(set, static_cast<ReplicaIndex>(i));
    if (set.IsVacant(set.replicas[i].slot) || ((asked_ | failed_) & mates) != 0) continue;
    for (size_t j = i; j < set.replicas.size(); ++j) {
      const auto replica = static_cast<ReplicaIndex>(j);
      if (!(mates & Bit(replica))) continue;
      Ask(replica, record_asked_, ask_round_, actions);
      record_asked_ = true;
    }
  }
}

Actions ReadOp::OnReply(ReplicaIndex replica, uint32_t round, ReplicaReply reply,
                        const base::Now& now) {
  QC_CHECK(replica < context_.replicas.replicas.size());
  context_.clock->Observe(std::max(reply.hlc, reply.promised.hlc));
  if (finished_) return {};
  if (fallback_) {
    if (round <= last_round_) return {};
    return FromFallback(fallback_->OnReply(replica, round, std::move(reply), now));
  }
  const bool is_ask = round == ask_round_ && ((answered_ | failed_) & Bit(replica)) == 0;
  const bool is_fetch = round == fetch_round_ && fetch_round_ != 0;
  const bool is_write_back = round == write_back_round_ && write_back_round_ != 0 &&
                             (sent_back_ & ~not_writable_ & Bit(replica)) != 0;
  if (!is_ask && !is_fetch && !is_write_back) return {};
  if (reply.status == ReplyStatus::kOk && !IsSane(reply)) reply.status = ReplyStatus::kInvalid;
  if (reply.status != ReplyStatus::kOk) return OnFailure(replica, round, reply, now);
  if (is_fetch) fetch_round_ = 0;
  if (is_write_back) {
    hlc_ = std::max(hlc_, reply.hlc);
    views_[replica].accepted = record_ballot_;
    views_[replica].state = record_.state;
    views_[replica].expire_at_ms = record_.expire_at_ms;
  } else {
    OnAnswer(replica, std::move(reply));
  }
  return Step(now);
}

void ReadOp::OnAnswer(ReplicaIndex replica, ReplicaReply reply) {
  answered_ |= Bit(replica);
  forgotten_ = std::max(forgotten_, reply.forgotten);
  hlc_ = std::max(hlc_, reply.hlc);
  views_[replica] = View{reply.accepted, reply.promised, reply.state, reply.expire_at_ms};
  const bool writing_back = write_back_round_ != 0;
  if (reply.record && !writing_back) {
    record_ballot_ = reply.accepted;
    record_ = *std::move(reply.record);
  }
}

Actions ReadOp::OnFailure(ReplicaIndex replica, uint32_t round, const ReplicaReply& reply,
                          const base::Now& now) {
  failures_.Add(reply);
  if (model::IsSilence(reply.status)) silent_ |= Bit(replica);
  if (round == write_back_round_) {
    if (reply.status == ReplyStatus::kRefused) QC_PROBE("read_write_back_refused");
    not_writable_ |= Bit(replica);
    return Step(now);
  }
  failed_ |= Bit(replica);
  answered_ &= static_cast<ReplicaMask>(~Bit(replica));
  // Whoever was asked for the record may be the one who failed; asking once more costs little.
  record_asked_ = false;
  if (round == fetch_round_) {
    QC_PROBE("read_fetch_fails");
    fetch_round_ = 0;
  }
  if (SlotsOpen(context_.replicas, failed_) < required_) return Fail(failures_.Error());
  Actions actions = Step(now);
  if (!finished_ && !fallback_) AskMore(&actions);
  return actions;
}

Ballot ReadOp::Present(const View& view) const {
  const bool forgotten =
      IsForgotten(view.state, view.expire_at_ms, view.accepted, forgotten_, now_ms_);
  return forgotten ? Ballot{} : view.accepted;
}

ReplicaMask ReadOp::HoldersOf(const Ballot& ballot) const {
  ReplicaMask holders = 0;
  for (size_t i = 0; i < views_.size(); ++i) {
    const ReplicaMask bit = Bit(static_cast<ReplicaIndex>(i));
    if ((answered_ & bit) && Present(views_[i]) == ballot) holders |= bit;
  }
  return holders;
}

Actions ReadOp::Step(const base::Now& now) {
  for (size_t i = 0; i < views_.size(); ++i) {
    const auto replica = static_cast<ReplicaIndex>(i);
    if (!(answered_ & Bit(replica))) continue;
    const ReplicaMask holders = HoldersOf(Present(views_[i]));
    // A joiner has not got everything yet: what it lacks says nothing.
    const bool any_will_do =
        context_.consistency == Consistency::kOne && !context_.replicas.replicas[replica].joiner;
    if (any_will_do || YesSlots(holders) >= required_) return Conclude(replica, holders, now);
  }
  if (YesSlots(answered_) >= required_) return Repair(now);
  return {};
}

// Another coordinator may have seen it expire already, by a clock that a replica has told us of.
bool ReadOp::ExpiryIsInDoubt(const View& view) const {
  if (context_.consistency == Consistency::kOne) return false;
  if (context_.mutant == Mutant::kExpiryByLocalClock) return false;
  return model::IsLive(view.state, view.expire_at_ms, now_ms_) &&
         !model::IsLive(view.state, view.expire_at_ms, model::HlcMillis(hlc_));
}

// A promise above the record, and not of what is forgotten, which would be dead.
bool ReadOp::ChangeIsUnderWay(ReplicaMask holders) const {
  for (size_t i = 0; i < views_.size(); ++i) {
    if (!(holders & Bit(static_cast<ReplicaIndex>(i)))) continue;
    if (views_[i].promised > std::max(views_[i].accepted, forgotten_)) return true;
  }
  return false;
}

// `holders`, among them `holder`, hold the same: the level's quorum does.
Actions ReadOp::Conclude(ReplicaIndex holder, ReplicaMask holders, const base::Now& now) {
  QC_CHECK((holders & answered_ & Bit(holder)) != 0);
  const View& view = views_[holder];
  if (ExpiryIsInDoubt(view)) {
    QC_PROBE("read_expiry_in_doubt");
    return BeginAsking(now);
  }
  if (model::IsLive(view.state, view.expire_at_ms, now_ms_)) {
    if (record_ballot_ == view.accepted) return Answer(view, holders);
    // A majority turns out to hold an older record than the one being written back, which is kept
    // for that.
    if (write_back_round_ == 0) return Fetch(holder);
    QC_PROBE("read_finds_older_majority");
    return Delegate(now);
  }
  // "Expired" is an answer that no write stands for. A Touch that saw the record alive and has a
  // promise could still extend it after we have called it gone: settle that first.
  const bool expired = view.state == model::RecordState::kValue;
  if (expired && context_.consistency != Consistency::kOne && ChangeIsUnderWay(holders) &&
      context_.mutant != Mutant::kExpiredReadIgnoresPromise) {
    QC_PROBE("read_expired_under_promise");
    return Delegate(now);
  }
  return Answer(view, holders);
}

Actions ReadOp::Fetch(ReplicaIndex holder) {
  if (fetch_round_ != 0 && fetching_from_ == holder) return {};
  QC_PROBE("read_fetches_record");
  Actions actions;
  fetch_round_ = ++last_round_;
  fetching_from_ = holder;
  Ask(holder, /*digest=*/false, fetch_round_, &actions);
  return actions;
}

// The quorum disagrees: the newest record must be held by one before it is answered.
Actions ReadOp::Repair(const base::Now& now) {
  ReplicaIndex newest = 0;
  for (size_t i = 0; i < views_.size(); ++i) {
    const auto replica = static_cast<ReplicaIndex>(i);
    if ((answered_ & Bit(replica)) && views_[i].accepted > views_[newest].accepted)
      newest = replica;
  }
  const View& view = views_[newest];
  // What is forgotten cannot be written back below the floor.
  if (Present(view).IsZero()) return Delegate(now);
  const ReplicaMask holders = HoldersOf(view.accepted);
  if (context_.mutant == Mutant::kAnswerBeforeWriteBack && record_ballot_ == view.accepted) {
    return Answer(view, holders);
  }
  if (write_back_round_ != 0 && record_ballot_ != view.accepted) return Delegate(now);
  const ReplicaMask lacking = not_writable_ & ~holders;
  if (SlotsOpen(context_.replicas, failed_ | lacking) < required_) return Delegate(now);
  if (record_ballot_ != view.accepted) return Fetch(newest);
  return WriteBack(view, holders);
}

Actions ReadOp::WriteBack(const View& newest, ReplicaMask holders) {
  QC_PROBE("read_writes_back");
  QC_CHECK(record_ballot_ == newest.accepted);
  Actions actions;
  if (write_back_round_ == 0) write_back_round_ = ++last_round_;
  const ReplicaMask stale = answered_ & ~holders & ~sent_back_;
  for (size_t i = 0; i < views_.size(); ++i) {
    const auto replica = static_cast<ReplicaIndex>(i);
    if (!(stale & Bit(replica))) continue;
    sent_back_ |= Bit(replica);
    actions.sends.push_back(
        Send{replica, write_back_round_, AcceptSend{newest.accepted, &record_, Ballot{}}});
  }
  // The replicas not asked yet may hold it already.
  slots_wanted_ = context_.replicas.slot_count;
  AskMore(&actions);
  return actions;
}

// A change is in the way of the write-back: go through the register, which settles what the record
// is.
Actions ReadOp::Delegate(const base::Now& now) {
  QC_PROBE("read_delegates_to_register");
  QC_CHECK(fallback_ == nullptr && !finished_);
  OperationContext context = context_;
  context.unreachable = 0;
  Mutation nothing;
  nothing.kind = MutationKind::kNothing;
  RegisterOptions options;
  options.first_round = last_round_ + 1;
  fallback_ = std::make_unique<RegisterOp>(std::move(context), model::Key{}, std::move(nothing),
                                           std::move(options));
  return FromFallback(fallback_->Start(now));
}

Actions ReadOp::FromFallback(Actions actions) {
  if (!actions.finished) return actions;
  finished_ = true;
  result_ = std::move(fallback_->result());
  result_.outcome = Outcome::kNotApplied;
  return actions;
}

Actions ReadOp::OnTimer(const base::Now& now) {
  if (finished_) return {};
  if (fallback_) return FromFallback(fallback_->OnTimer(now));
  if (now.monotonic >= context_.deadline) return Fail(OpError::kOutcomeUnknown);
  if (now.monotonic < hedge_at_) return {};
  QC_PROBE("read_hedges");
  Actions actions;
  hedge_at_ = now.monotonic + hedge_delay_;
  slots_wanted_ = std::min<size_t>(slots_wanted_ + 1, context_.replicas.slot_count);
  // The slow one may be the one that was asked for the record.
  record_asked_ = !record_ballot_.IsZero();
  AskMore(&actions);
  if (actions.sends.empty()) hedge_at_ = base::MonotonicTime::Infinite();
  return actions;
}

base::MonotonicTime ReadOp::wake_at() const {
  if (finished_) return base::MonotonicTime::Infinite();
  if (fallback_) return fallback_->wake_at();
  return std::min(context_.deadline, hedge_at_);
}

uint32_t ReadOp::rounds() const {
  return fallback_ ? fallback_->rounds() : last_round_;
}

ReplicaMask ReadOp::awaited() const {
  if (fallback_) return fallback_->awaited();
  ReplicaMask written = 0;
  for (size_t i = 0; i < views_.size(); ++i) {
    if (views_[i].accepted == record_ballot_) written |= Bit(static_cast<ReplicaIndex>(i));
  }
  ReplicaMask owe_read = asked_ & ~answered_;
  if (fetch_round_ != 0) owe_read |= Bit(fetching_from_);
  const ReplicaMask owe_write = sent_back_ & ~written & ~not_writable_;
  return static_cast<ReplicaMask>(((owe_read | owe_write) & ~failed_) | silent_);
}

Actions ReadOp::Answer(const View& view, ReplicaMask holders) {
  QC_CHECK(!finished_);
  finished_ = true;
  result_.found = model::IsLive(view.state, view.expire_at_ms, now_ms_);
  if (result_.found) {
    QC_CHECK(record_ballot_ == view.accepted);
    result_.version =
        context_.mutant == Mutant::kEtagIsTheBallot ? record_ballot_ : record_.lineage.LastChange();
    result_.record = std::move(record_);
  }
  result_.required = required_;
  result_.responded = static_cast<uint8_t>(SlotsCovered(context_.replicas, holders));
  Actions actions;
  actions.finished = true;
  return actions;
}

Actions ReadOp::Fail(OpError error) {
  QC_CHECK(!finished_);
  finished_ = true;
  result_.error = error;
  result_.required = required_;
  result_.responded = static_cast<uint8_t>(SlotsCovered(context_.replicas, answered_));
  result_.detail = failures_.detail();
  Actions actions;
  actions.finished = true;
  return actions;
}

}  // namespace quorumcache::quorum
