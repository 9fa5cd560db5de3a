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
  query.now_ms = now_ms - grace_ms;
  query.floor = model::Ballot{epoch, model::HlcFromMillis(query.now_ms), 0};
  return query;
}

GarbageRound::GarbageRound(const GarbageQuery& query, size_t replica_count)
    : query_(query), replicas_(replica_count) {
  QC_CHECK(replica_count > 0);
  QC_CHECK(query.after.empty());
}

Actions GarbageRound::Start() {
  return Enter(Phase::kCompare, Kind::kDigest);
}

Actions GarbageRound::OnDigest(size_t replica, const DigestPage& page) {
  if (phase_ != Phase::kCompare) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  Replica& state = replicas_.at(replica);
  state.digest.Add(page.digest);
  state.floor = page.floor;
  state.is_ready = page.complete;
  if (!page.complete) {
    GarbageAction next = ActionFor(Kind::kDigest, replica);
    next.query.after = page.resume_after;
    return {std::move(next)};
  }
  return IsWaiting() ? Actions{} : Compare();
}

Actions GarbageRound::Compare() {
  const auto by_floor = [](const Replica& a, const Replica& b) { return a.floor < b.floor; };
  const auto [low, high] = std::minmax_element(replicas_.begin(), replicas_.end(), by_floor);
  if (low->floor != high->floor) {
    // A round broke off while it raised the floor. All N had agreed up to that floor, so it may go
    // on.
    QC_PROBE("garbage_floors_differ");
    target_floor_ = high->floor;
    return Enter(Phase::kLevel, Kind::kRaiseFloor);
  }
  const bool are_equal = std::all_of(replicas_.begin(), replicas_.end(), [this](const Replica& r) {
    return r.digest == replicas_.front().digest;
  });
  if (!are_equal) {
    QC_PROBE("garbage_digests_differ");
    return Enter(Phase::kList, Kind::kList);
  }
  target_floor_ = query_.floor;
  return Enter(Phase::kRaise, Kind::kRaiseFloor);
}

Actions GarbageRound::OnFloorRaised(size_t replica, ReplyStatus status) {
  if (phase_ != Phase::kRaise && phase_ != Phase::kLevel) return {};
  if (status != ReplyStatus::kOk) return Fail(replica, status, "the floor was not raised");
  replicas_.at(replica).is_ready = true;
  if (IsWaiting()) return {};
  if (phase_ == Phase::kLevel) return Enter(Phase::kCompare, Kind::kDigest);
  return Enter(Phase::kDrop, Kind::kDrop);
}

Actions GarbageRound::OnDropped(size_t replica, const DropPage& page) {
  if (phase_ != Phase::kDrop) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  dropped_ += page.dropped;
  if (!page.complete) {
    GarbageAction next = ActionFor(Kind::kDrop, replica);
    next.query.after = page.resume_after;
    return {std::move(next)};
  }
  replicas_.at(replica).is_ready = true;
  if (!IsWaiting()) phase_ = Phase::kDone;
  return {};
}

Actions GarbageRound::OnEntries(size_t replica, const EntryPage& page) {
  if (phase_ != Phase::kList) return {};
  if (page.status != ReplyStatus::kOk) return Fail(replica, page.status, page.message);
  Replica& state = replicas_.at(replica);
  for (const EntryRow& row : page.rows) state.entries[row.engine_key] = row.accepted;
  state.is_ready = page.complete;
  if (!page.complete) {
    GarbageAction next = ActionFor(Kind::kList, replica);
    next.query.after = page.resume_after;
    return {std::move(next)};
  }
  return IsWaiting() ? Actions{} : ReadDifferences();
}

Actions GarbageRound::ReadDifferences() {
  phase_ = Phase::kRepair;
  has_repaired_ = true;
  std::map<std::string, size_t> holders;
  std::map<std::string, model::Ballot> ballots;
  std::map<std::string, bool> differs;
  for (const Replica& replica : replicas_) {
    for (const auto& [key, accepted] : replica.entries) {
      ++holders[key];
      const auto [it, is_new] = ballots.emplace(key, accepted);
      if (!is_new && it->second != accepted) differs[key] = true;
    }
  }
  Actions actions;
  for (const auto& [key, count] : holders) {
    if (count == replicas_.size() && !differs.contains(key)) continue;
    if (differences_.size() == kRepairKeysMax) break;
    differences_[key].replies.resize(replicas_.size());
    for (size_t i = 0; i < replicas_.size(); ++i) {
      actions.push_back(ActionFor(Kind::kRead, i));
      actions.back().engine_key = key;
    }
  }
  for (Replica& replica : replicas_) replica.entries.clear();
  FinishRepairIfDone();
  return actions;
}

Actions GarbageRound::OnRead(size_t replica, const std::string& engine_key,
                             const model::ReplicaReply& reply) {
  if (phase_ != Phase::kRepair) return {};
  if (reply.status != ReplyStatus::kOk) return Fail(replica, reply.status, reply.message);
  const auto it = differences_.find(engine_key);
  if (it == differences_.end()) return {};
  Difference& difference = it->second;
  if (!difference.replies.at(replica)) ++difference.answered;
  difference.replies[replica] = reply;
  if (difference.answered < replicas_.size()) return {};
  Actions actions = RepairKey(engine_key, difference);
  differences_.erase(it);
  FinishRepairIfDone();
  return actions;
}

Actions GarbageRound::RepairKey(const std::string& engine_key, const Difference& difference) {
  const auto newest =
      std::max_element(difference.replies.begin(), difference.replies.end(),
                       [](const auto& a, const auto& b) { return a->accepted < b->accepted; });
  Actions actions;
  // Dropped meanwhile, or changed to something newer that is already everywhere.
  if ((*newest)->accepted.IsZero() || !(*newest)->record) return actions;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    if (difference.replies[i]->accepted == (*newest)->accepted) continue;
    GarbageAction repair = ActionFor(Kind::kRepair, i);
    repair.engine_key = engine_key;
    repair.ballot = (*newest)->accepted;
    repair.record = *(*newest)->record;
    actions.push_back(std::move(repair));
  }
  repairs_under_way_ += actions.size();
  repaired_keys_ += !actions.empty();
  return actions;
}

Actions GarbageRound::OnRepaired(const model::ReplicaReply& reply) {
  if (phase_ != Phase::kRepair) return {};
  QC_CHECK(repairs_under_way_ > 0);
  --repairs_under_way_;
  if (reply.status != ReplyStatus::kOk && reply.status != ReplyStatus::kRefused) {
    return Fail(0, reply.status, reply.message);
  }
  FinishRepairIfDone();
  return {};
}

void GarbageRound::FinishRepairIfDone() {
  if (differences_.empty() && repairs_under_way_ == 0) phase_ = Phase::kDone;
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

Actions GarbageRound::Fail(size_t replica, ReplyStatus status, const std::string& message) {
  phase_ = Phase::kFailed;
  failure_ =
      absl::StrCat("replica ", replica, ", status ", static_cast<int>(status), ": ", message);
  return {};
}

GarbageAction GarbageRound::ActionFor(Kind kind, size_t replica) const {
  GarbageAction action;
  action.kind = kind;
  action.replica = replica;
  action.query = query_;
  if (kind == Kind::kRaiseFloor) action.query.floor = target_floor_;
  return action;
}

bool GarbageRound::IsWaiting() const {
  return !std::all_of(replicas_.begin(), replicas_.end(),
                      [](const Replica& replica) { return replica.is_ready; });
}

}  // namespace quorumcache::replica
