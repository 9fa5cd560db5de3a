// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage_round.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/probe.h"
#include "common/model/hlc.h"

namespace quorumcache::replica {
namespace {

using Kind = GarbageAction::Kind;
using Actions = std::vector<GarbageAction>;
using model::ReplyStatus;

}  // namespace

GarbageQuery MakeGarbageQuery(uint32_t partition, uint32_t epoch, uint64_t now_ms,
                              uint64_t grace_ms) {
  QC_CHECK(grace_ms < now_ms);
  GarbageQuery query;
  query.partition = partition;
  query.epoch = epoch;
  query.now_ms = now_ms - grace_ms;
  query.floor = model::Ballot{epoch, model::HlcFromMillis(query.now_ms), 0};
  return query;
}

GarbageRound::GarbageRound(const GarbageQuery& query, size_t replica_count,
                           const GarbageRoundOptions& options)
    : query_(query), options_(options), replicas_(replica_count) {
  QC_CHECK(replica_count > 0);
  QC_CHECK(query.after.empty() && !query.live_only);
  QC_CHECK(options.settle_ballot > query.floor);
}

Actions GarbageRound::Start() {
  return Enter(Phase::kCompare, Kind::kDigest);
}

Actions GarbageRound::OnDigest(size_t replica, const DigestPage& page) {
  if (phase_ != Phase::kCompare && phase_ != Phase::kConfirm) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  Replica& state = replicas_.at(replica);
  state.digest.Add(page.digest);
  state.floor = page.floor;
  state.is_ready = page.complete;
  garbage_count_ += page.tally.count;
  if (!page.complete) return PageActions(Kind::kDigest, {{replica, page.resume_after}});
  if (IsWaiting()) return {};
  return phase_ == Phase::kCompare ? Compare() : Confirm();
}

Actions GarbageRound::Compare() {
  const auto by_floor = [](const Replica& a, const Replica& b) { return a.floor < b.floor; };
  const auto [low, high] = std::minmax_element(replicas_.begin(), replicas_.end(), by_floor);
  if (low->floor != high->floor) {
    QC_PROBE("garbage_floors_differ");
    target_floor_ = high->floor;
    return Enter(Phase::kLevel, Kind::kRaiseFloor);
  }
  if (AreDigestsEqual()) return GoOn();
  QC_PROBE("garbage_digests_differ");
  return List();
}

Actions GarbageRound::Confirm() {
  if (AreDigestsEqual()) return GoOn();
  QC_PROBE("garbage_live_digests_differ");
  return List();
}

Actions GarbageRound::GoOn() {
  if (is_confirming_) return Enter(Phase::kDrop, Kind::kDrop);
  if (garbage_count_ == 0 && !options_.even_without_garbage) return Finish(Result::kNothing);
  target_floor_ = query_.floor;
  return Enter(Phase::kRaise, Kind::kRaiseFloor);
}

Actions GarbageRound::OnFloorRaised(size_t replica, const GarbagePage& page) {
  if (phase_ != Phase::kRaise && phase_ != Phase::kLevel) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  replicas_.at(replica).is_ready = true;
  if (IsWaiting()) return {};
  if (phase_ == Phase::kLevel) {
    garbage_count_ = 0;
    return Enter(Phase::kCompare, Kind::kDigest);
  }
  is_confirming_ = true;
  if (options_.skip_confirm) return GoOn();
  return Enter(Phase::kConfirm, Kind::kDigest);
}

Actions GarbageRound::OnDropped(size_t replica, const DropPage& page) {
  if (phase_ != Phase::kDrop) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  dropped_ += page.dropped;
  if (!page.complete) return PageActions(Kind::kDrop, {{replica, page.resume_after}});
  replicas_.at(replica).is_ready = true;
  return IsWaiting() ? Actions{} : Finish(Result::kDropped);
}

Actions GarbageRound::List() {
  phase_ = Phase::kList;
  diff_.emplace(replicas_.size(), kRepairKeysMax);
  return PageActions(Kind::kList, diff_->Start());
}

Actions GarbageRound::OnEntries(size_t replica, const EntryPage& page) {
  if (phase_ != Phase::kList) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  const std::vector<GarbageDiff::Wanted> wanted = diff_->OnPage(replica, page);
  return diff_->is_finished() ? ReadDifferences() : PageActions(Kind::kList, wanted);
}

Actions GarbageRound::ReadDifferences() {
  phase_ = Phase::kRepair;
  is_resolved_ = diff_->is_complete();
  Actions actions;
  for (const std::string& key : diff_->TakeKeys()) {
    differences_[key].replies.resize(replicas_.size());
    for (size_t i = 0; i < replicas_.size(); ++i) actions.push_back(ActionFor(Kind::kRead, i, key));
  }
  diff_.reset();
  // Written anew between the two looks at it: what differed is above f now, everywhere.
  if (differences_.empty()) return GoOn();
  return actions;
}

bool GarbageRound::TakeAnswer(size_t replica, const model::ReplicaReply& reply,
                              Difference* difference) {
  if (!difference->replies.at(replica)) ++difference->answered;
  difference->replies[replica] = reply;
  return difference->answered == replicas_.size();
}

Actions GarbageRound::OnRead(size_t replica, const std::string& engine_key,
                             const model::ReplicaReply& reply) {
  if (phase_ != Phase::kRepair) return {};
  if (reply.status != ReplyStatus::kOk) return Fail(replica, reply.status, reply.message);
  const auto it = differences_.find(engine_key);
  if (it == differences_.end() || !TakeAnswer(replica, reply, &it->second)) return {};
  return RepairKey(engine_key, &it->second);
}

Actions GarbageRound::RepairKey(const std::string& engine_key, Difference* difference) {
  const auto& replies = difference->replies;
  const auto newest =
      std::max_element(replies.begin(), replies.end(),
                       [](const auto& a, const auto& b) { return a->accepted < b->accepted; });
  const auto is_safe = [&](const std::optional<model::ReplicaReply>& reply) {
    return reply->accepted > query_.floor || reply->accepted == (*newest)->accepted;
  };
  // Written anew meanwhile, or all have it now.
  if (std::all_of(replies.begin(), replies.end(), is_safe)) return Leave(engine_key, true);
  const model::Ballot ballot = (*newest)->accepted;
  const auto refuses = [&](const std::optional<model::ReplicaReply>& reply) {
    return reply->accepted != ballot && reply->promised >= ballot;
  };
  if (std::any_of(replies.begin(), replies.end(), refuses)) {
    QC_PROBE("garbage_key_settled");
    Actions actions;
    for (size_t i = 0; i < replicas_.size(); ++i) {
      actions.push_back(ActionFor(Kind::kPrepare, i, engine_key));
      actions.back().ballot = options_.settle_ballot;
    }
    difference->answered = 0;
    difference->replies.assign(replicas_.size(), std::nullopt);
    return actions;
  }
  Actions actions;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    if (replies[i]->accepted == ballot) continue;
    actions.push_back(ActionFor(Kind::kAccept, i, engine_key));
    actions.back().is_repair = true;
    actions.back().ballot = ballot;
    actions.back().record = *(*newest)->record;
  }
  difference->accepts_under_way = actions.size();
  ++repaired_keys_;
  return actions;
}

Actions GarbageRound::OnPrepared(size_t replica, const std::string& engine_key,
                                 const model::ReplicaReply& reply) {
  if (phase_ != Phase::kRepair) return {};
  const bool is_answer = reply.status == ReplyStatus::kOk || reply.status == ReplyStatus::kRefused;
  if (!is_answer) return Fail(replica, reply.status, reply.message);
  const auto it = differences_.find(engine_key);
  if (it == differences_.end() || !TakeAnswer(replica, reply, &it->second)) return {};
  return Settle(engine_key, &it->second);
}

// As an operation that changes nothing (docs/PROTOCOL.md#operations), over all replicas.
Actions GarbageRound::Settle(const std::string& engine_key, Difference* difference) {
  const auto& replies = difference->replies;
  const auto has_refused = [](const std::optional<model::ReplicaReply>& reply) {
    return reply->status == ReplyStatus::kRefused;
  };
  if (std::any_of(replies.begin(), replies.end(), has_refused)) return Leave(engine_key, false);
  const auto newest =
      std::max_element(replies.begin(), replies.end(),
                       [](const auto& a, const auto& b) { return a->accepted < b->accepted; });
  if ((*newest)->accepted.IsZero()) return Leave(engine_key, true);
  Actions actions;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    actions.push_back(ActionFor(Kind::kAccept, i, engine_key));
    actions.back().ballot = options_.settle_ballot;
    actions.back().record = *(*newest)->record;
  }
  difference->accepts_under_way = actions.size();
  ++repaired_keys_;
  return actions;
}

Actions GarbageRound::OnAccepted(size_t replica, const std::string& engine_key,
                                 const model::ReplicaReply& reply) {
  if (phase_ != Phase::kRepair) return {};
  const bool is_answer = reply.status == ReplyStatus::kOk || reply.status == ReplyStatus::kRefused;
  if (!is_answer) return Fail(replica, reply.status, reply.message);
  const auto it = differences_.find(engine_key);
  if (it == differences_.end()) return {};
  QC_CHECK(it->second.accepts_under_way > 0);
  // What refuses holds, or has promised, something newer: the next round will tell which.
  if (reply.status == ReplyStatus::kRefused) is_resolved_ = false;
  if (--it->second.accepts_under_way > 0) return {};
  return Leave(engine_key, true);
}

Actions GarbageRound::Leave(const std::string& engine_key, bool is_resolved) {
  is_resolved_ = is_resolved_ && is_resolved;
  differences_.erase(engine_key);
  if (!differences_.empty()) return {};
  return is_resolved_ ? GoOn() : Finish(Result::kRepaired);
}

Actions GarbageRound::Enter(Phase phase, Kind kind) {
  phase_ = phase;
  Actions actions;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    replicas_[i].is_ready = false;
    replicas_[i].digest = EntryDigest{};
    actions.push_back(ActionFor(kind, i));
  }
  return actions;
}

Actions GarbageRound::Finish(Result result) {
  phase_ = Phase::kDone;
  result_ = result;
  return {};
}

Actions GarbageRound::Fail(size_t replica, ReplyStatus status, const std::string& message) {
  phase_ = Phase::kFailed;
  failure_status_ = status;
  failure_ =
      absl::StrCat("replica ", replica, ", status ", static_cast<int>(status), ": ", message);
  return {};
}

GarbageAction GarbageRound::ActionFor(Kind kind, size_t replica) const {
  GarbageAction action;
  action.kind = kind;
  action.replica = replica;
  action.query = query_;
  action.query.live_only = is_confirming_ && (kind == Kind::kDigest || kind == Kind::kList);
  if (kind == Kind::kRaiseFloor) action.query.floor = target_floor_;
  return action;
}

GarbageAction GarbageRound::ActionFor(Kind kind, size_t replica,
                                      const std::string& engine_key) const {
  GarbageAction action = ActionFor(kind, replica);
  action.engine_key = engine_key;
  return action;
}

Actions GarbageRound::PageActions(Kind kind, const std::vector<GarbageDiff::Wanted>& wanted) {
  Actions actions;
  for (const GarbageDiff::Wanted& page : wanted) {
    actions.push_back(ActionFor(kind, page.replica));
    actions.back().query.after = page.after;
  }
  return actions;
}

bool GarbageRound::IsWaiting() const {
  return !std::all_of(replicas_.begin(), replicas_.end(),
                      [](const Replica& replica) { return replica.is_ready; });
}

bool GarbageRound::AreDigestsEqual() const {
  return std::all_of(replicas_.begin(), replicas_.end(), [this](const Replica& replica) {
    return replica.digest == replicas_.front().digest;
  });
}

}  // namespace quorumcache::replica
