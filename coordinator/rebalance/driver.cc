// SPDX-License-Identifier: Apache-2.0
#include "coordinator/rebalance/driver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/probe.h"
#include "common/topology/validate.h"

namespace quorumcache::rebalance {

using base::MonotonicTime;
using topology::ClusterMap;
using topology::PartitionEntry;
using topology::PlannedMove;
using topology::Slot;

Driver::Actions Driver::OnMap(const ClusterMap& map, MonotonicTime now) {
  if (map_.has_value() && map.epoch <= map_->epoch) return {};
  map_ = map;
  std::erase_if(joins_, [&](const auto& entry) {
    return entry.first >= map.partitions.size() || map.partitions[entry.first].IsSettled();
  });
  return Step(now);
}

Driver::Actions Driver::OnLease(bool held, MonotonicTime now) {
  has_lease_ = held;
  // What somebody said long ago may be of a disk that is gone.
  joins_.clear();
  next_ask_ = now;
  return Step(now);
}

Driver::Actions Driver::OnPublished(const absl::Status& status, MonotonicTime now) {
  QC_CHECK(publishing_.has_value());
  const ClusterMap published = *std::exchange(publishing_, std::nullopt);
  if (status.ok()) {
    backoff_ = absl::ZeroDuration();
    next_publish_ = now + options_.publish_gap_min;
    gather_until_ = now + options_.gather_max;
    last_error_.clear();
    next_ask_ = now;
    return OnMap(published, now);
  }
  QC_PROBE("driver_publish_failed");
  // Somebody else was first, or the store is away: the watch will show what is there. An
  // UNAVAILABLE may have been done all the same, and then the next attempt is ABORTED.
  if (!absl::IsAborted(status)) last_error_ = absl::StrCat("topology store: ", status.message());
  backoff_ = std::clamp(backoff_ * 2, options_.backoff_min, options_.backoff_max);
  next_publish_ = now + backoff_;
  return Step(now);
}

Driver::Actions Driver::OnJoins(const std::string& node_id,
                                const absl::StatusOr<JoinReport>& report, MonotonicTime now) {
  asked_.erase(node_id);
  if (!report.ok()) {
    last_error_ = absl::StrCat("node ", node_id, ": ", report.status().message());
    return Step(now);
  }
  const auto node = map_.has_value() ? map_->FindNode(node_id) : std::nullopt;
  // Another disk under the same name: what it says is not about the copy that the map means.
  if (!node.has_value() || map_->nodes[*node].incarnation != report->incarnation) return Step(now);
  for (const JoinProgress& join : report->joins) {
    if (join.partition >= map_->partitions.size()) continue;
    const auto& slots = map_->partitions[join.partition].slots;
    const bool is_joiner = std::any_of(slots.begin(), slots.end(),
                                       [&](const Slot& slot) { return slot.joiner == *node; });
    if (is_joiner) joins_[join.partition] = join;
  }
  return Step(now);
}

Driver::Actions Driver::OnTimer(MonotonicTime now) {
  return Step(now);
}

bool Driver::IsUnderWay(const PlannedMove& move) const {
  return !map_->partitions[move.partition].slots[move.slot].IsSettled();
}

bool Driver::IsWhole(const PlannedMove& move) const {
  if (options_.mutant == DriverMutant::kCutOverUnasked) return true;
  const auto join = joins_.find(move.partition);
  if (join == joins_.end() || !join->second.complete) return false;
  return join->second.join_id == map_->partitions[move.partition].ballot_floor_epoch ||
         options_.mutant == DriverMutant::kCutOverOnAnyJoin;
}

bool Driver::AllAreWhole() const {
  return std::all_of(
      map_->change->moves.begin(), map_->change->moves.end(),
      [this](const PlannedMove& move) { return !IsUnderWay(move) || IsWhole(move); });
}

Driver::Actions Driver::Step(MonotonicTime now) {
  Actions actions;
  if (!Drives()) return actions;
  AskJoiners(now, &actions);
  if (publishing_.has_value() || now < next_publish_) return actions;
  if (now < gather_until_ && !AllAreWhole()) return actions;
  publishing_ = NextMap();
  if (publishing_.has_value()) actions.publish = Publish{map_->epoch, *publishing_};
  return actions;
}

std::optional<ClusterMap> Driver::NextMap() const {
  ClusterMap next = *map_;
  ++next.epoch;
  if (map_->change->moves.empty()) {
    std::vector<topology::NodeIndex> removes = map_->change->removes;
    std::sort(removes.rbegin(), removes.rend());
    next.change.reset();
    for (const topology::NodeIndex node : removes) topology::RemoveNode(next, node);
    return next;
  }
  // One slot of a partition changes with one epoch.
  std::set<uint32_t> touched;
  CutOver(&next, &touched);
  Begin(&next, &touched);
  if (touched.empty()) return std::nullopt;
  // What we publish is what the rules allow, whatever the joiners say.
  QC_CHECK(topology::Validate(next).ok());
  QC_CHECK(topology::ValidateSuccessor(*map_, next).ok());
  return next;
}

void Driver::CutOver(ClusterMap* next, std::set<uint32_t>* touched) const {
  std::erase_if(next->change->moves, [&](const PlannedMove& move) {
    if (!IsUnderWay(move) || !IsWhole(move)) return false;
    QC_PROBE("driver_cuts_over");
    PartitionEntry& entry = next->partitions[move.partition];
    entry.slots[move.slot] = Slot::Settled(move.to);
    entry.epoch = static_cast<uint32_t>(next->epoch);
    touched->insert(move.partition);
    return true;
  });
}

void Driver::Begin(ClusterMap* next, std::set<uint32_t>* touched) const {
  uint32_t moving = 0;
  for (const PlannedMove& move : next->change->moves) {
    moving += IsUnderWay(move) && !move.from_is_dead;
  }
  for (const PlannedMove& move : next->change->moves) {
    PartitionEntry& entry = next->partitions[move.partition];
    if (!entry.IsSettled() || touched->contains(move.partition)) continue;
    if (next->nodes[move.to].incarnation == 0) continue;
    if (!move.from_is_dead && moving >= options_.moving_max) continue;
    QC_PROBE("driver_begins_move");
    moving += !move.from_is_dead;
    entry.slots[move.slot] =
        move.from_is_dead ? Slot::Vacant(move.to) : Slot::Moving(move.from, move.to);
    entry.epoch = entry.ballot_floor_epoch = static_cast<uint32_t>(next->epoch);
    touched->insert(move.partition);
  }
}

void Driver::AskJoiners(MonotonicTime now, Actions* actions) {
  if (now < next_ask_) return;
  next_ask_ = now + options_.poll;
  std::set<std::string> joiners;
  for (const PlannedMove& move : map_->change->moves) {
    if (IsUnderWay(move) && !IsWhole(move)) joiners.insert(map_->nodes[move.to].id);
  }
  for (const std::string& joiner : joiners) {
    if (asked_.insert(joiner).second) actions->asks.push_back(joiner);
  }
}

MonotonicTime Driver::wake_at() const {
  // A publish that has to wait is made with the next question.
  return Drives() ? next_ask_ : MonotonicTime::Infinite();
}

Progress Driver::progress() const {
  Progress progress;
  if (!map_.has_value() || !map_->change.has_value()) return progress;
  const topology::Change& change = *map_->change;
  progress.active = true;
  progress.change_id = change.id;
  progress.summary = change.summary;
  progress.moves_total = change.moves_total;
  progress.moves_done = change.moves_total - static_cast<uint32_t>(change.moves.size());
  progress.last_error = last_error_;
  std::set<std::string> unbound;
  for (const PlannedMove& move : change.moves) {
    progress.moving += IsUnderWay(move);
    const topology::Node& to = map_->nodes[move.to];
    if (to.incarnation == 0) unbound.insert(to.id);
  }
  progress.waiting_for.assign(unbound.begin(), unbound.end());
  for (const auto& [partition, join] : joins_) {
    progress.keys += join.keys;
    progress.size_bytes += join.size_bytes;
  }
  return progress;
}

}  // namespace quorumcache::rebalance
