// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_keeper.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/check.h"
#include "common/model/hlc.h"

namespace quorumcache::transfer {
namespace {

using base::MonotonicTime;
using internal::v1::CollectGarbageResponse;
using Kind = GarbageAction::Kind;
using Result = replica::GarbageRound::Result;

// Keys and values asked for or sent in one request.
constexpr size_t kKeysPerAskMax = 64;
constexpr size_t kAskBytesMax = limits::kStreamBatchBytesMax;

RoundEnd EndOf(const replica::GarbageRound& round) {
  switch (round.result()) {
    case Result::kDropped:
      return RoundEnd::kDropped;
    case Result::kNothing:
      return RoundEnd::kNothing;
    case Result::kRepaired:
      return RoundEnd::kRepaired;
    case Result::kNone:
      break;
  }
  return round.failure_status() == model::ReplyStatus::kUnavailable ? RoundEnd::kReplicaDown
                                                                    : RoundEnd::kRefused;
}

}  // namespace

GarbageKeeper::GarbageKeeper(const GarbageSettings& settings, GarbageStats* stats)
    : settings_(settings), stats_(*stats), random_(settings.seed) {
  QC_CHECK(settings.interval > absl::ZeroDuration() && settings.walked_bytes_per_second > 0);
}

std::optional<topology::NodeIndex> GarbageKeeper::self() const {
  return map_ == nullptr ? std::nullopt : map_->FindNode(settings_.node_id);
}

GarbageOutput GarbageKeeper::OnMap(std::shared_ptr<const topology::ClusterMap> map,
                                   const base::Now& now) {
  GarbageOutput output;
  const bool is_first = map_ == nullptr;
  map_ = std::move(map);
  if (is_first) SchedulePass(now);
  if (!job_) return output;
  const topology::PartitionEntry& entry = map_->partitions.at(job_->partition);
  if (entry.epoch == job_epoch_ && self().has_value()) return output;
  if (round_) {
    EndRound(RoundEnd::kMapChanged);
  } else {
    job_.reset();
  }
  StartJobs(now, &output);
  return output;
}

// Spread, so that the nodes of a cluster that was started at once do not all begin together.
void GarbageKeeper::SchedulePass(const base::Now& now) {
  state_ = State::kWaiting;
  pass_at_ = now.monotonic + settings_.interval * (0.75 + 0.5 * random_.Fraction());
}

GarbageOutput GarbageKeeper::OnTimer(const base::Now& now) {
  GarbageOutput output;
  if (state_ == State::kWaiting && now.monotonic >= pass_at_) {
    state_ = State::kReadingView;
    pass_at_ = MonotonicTime::Infinite();
    output.wants_view = true;
  }
  if (state_ == State::kRunning) Pump(now, &output);
  return output;
}

MonotonicTime GarbageKeeper::wake_at() const {
  if (state_ == State::kWaiting) return pass_at_;
  MonotonicTime wake_at = MonotonicTime::Infinite();
  for (const Lane& lane : lanes_) {
    if (lane.ask_id == 0 && !lane.queue.empty()) wake_at = std::min(wake_at, lane.not_before);
  }
  return wake_at;
}

GarbageOutput GarbageKeeper::OnView(const GarbageView& view, const base::Now& now) {
  GarbageOutput output;
  highest_hlc_ = std::max(highest_hlc_, view.highest_hlc);
  if (state_ == State::kReadingView) {
    BeginPass(view, now);
    StartJobs(now, &output);
  } else if (state_ == State::kClosing) {
    EndPass(view, now);
  }
  return output;
}

void GarbageKeeper::BeginPass(const GarbageView& view, const base::Now& now) {
  state_ = State::kRunning;
  nodes_down_.clear();
  waiting_.fill(0);
  // Before the grace has passed once since 1970, nothing can be old enough.
  if (!self() || now.wall_ms <= grace_ms()) return;
  GarbagePassPlan plan =
      PlanGarbagePass(*map_, *self(), view.earliest_ms, now.wall_ms, grace_ms(), was_unknown_);
  jobs_ = std::move(plan.jobs);
  was_unknown_ = std::move(plan.was_unknown);
  waiting_[static_cast<size_t>(WaitReason::kUnsettled)] = static_cast<int64_t>(plan.unsettled);
}

void GarbageKeeper::EndPass(const GarbageView& view, const base::Now& now) {
  for (size_t i = 0; i < waiting_.size(); ++i) stats_.waiting[i].Set(waiting_[i]);
  WaitingGarbage waiting;
  if (self()) {
    waiting = FindWaiting(*map_, *self(), view.earliest_ms, now.wall_ms, grace_ms());
  }
  stats_.overdue_partitions.Set(static_cast<int64_t>(waiting.partitions));
  stats_.oldest_overdue_ms.Set(static_cast<int64_t>(waiting.oldest_ms));
  stats_.passes.IncrementFromOwner();
  SchedulePass(now);
}

void GarbageKeeper::StartJobs(const base::Now& now, GarbageOutput* output) {
  while (!job_ && !jobs_.empty()) {
    job_ = jobs_.front();
    jobs_.pop_front();
    if (!StartJob(now)) job_.reset();
  }
  if (job_) return Pump(now, output);
  lanes_.clear();
  state_ = State::kClosing;
  output->wants_view = true;
}

bool GarbageKeeper::StartJob(const base::Now& now) {
  const std::optional<topology::NodeIndex> own = self();
  const topology::PartitionEntry& entry = map_->partitions.at(job_->partition);
  if (!own) return false;
  lanes_.clear();
  job_epoch_ = entry.epoch;
  const replica::GarbageQuery query =
      replica::MakeGarbageQuery(job_->partition, entry.epoch, now.wall_ms, grace_ms());
  if (job_->is_survey) {
    const topology::Node& node = map_->nodes[*own];
    lanes_.push_back(Lane{.node_id = node.id, .incarnation = node.incarnation});
    lanes_.front().queue.push_back(GarbageAction{.query = query});
    return true;
  }
  // The map may have changed since the pass began.
  const bool is_mine = entry.IsSettled() && RunsRounds(*map_, job_->partition, *own);
  if (!is_mine || !AddLanes(entry)) return false;
  highest_hlc_ = std::max(highest_hlc_ + 1, model::HlcFromMillis(now.wall_ms));
  round_.emplace(query, lanes_.size(),
                 replica::GarbageRoundOptions{
                     .settle_ballot = {entry.epoch, highest_hlc_, settings_.seed | 1}});
  Enqueue(round_->Start());
  return true;
}

bool GarbageKeeper::AddLanes(const topology::PartitionEntry& entry) {
  for (const topology::Slot& slot : entry.slots) {
    const topology::Node& node = map_->nodes[slot.holder];
    if (nodes_down_.contains(node.id) || node.incarnation == 0) {
      ++waiting_[static_cast<size_t>(WaitReason::kReplicaDown)];
      return false;
    }
    const bool is_self = node.id == settings_.node_id;
    lanes_.push_back(Lane{.node_id = node.id,
                          .address = is_self ? "" : node.address,
                          .incarnation = node.incarnation});
  }
  return true;
}

GarbageOutput GarbageKeeper::OnAnswer(uint64_t id, const absl::Status& status,
                                      const CollectGarbageResponse& response,
                                      const base::Now& now) {
  GarbageOutput output;
  const auto lane = std::find_if(lanes_.begin(), lanes_.end(),
                                 [id](const Lane& other) { return other.ask_id == id; });
  if (!job_ || lane == lanes_.end()) return output;
  lane->ask_id = 0;
  const double seconds = static_cast<double>(response.walked_bytes()) /
                         static_cast<double>(settings_.walked_bytes_per_second);
  lane->not_before = now.monotonic + absl::Seconds(seconds);
  stats_.walked_bytes.AddFromOwner(response.walked_bytes());
  if (round_) {
    TakeRoundAnswer(static_cast<size_t>(lane - lanes_.begin()), status, response);
  } else {
    TakeSurveyAnswer(status, response);
  }
  if (job_) {
    Pump(now, &output);
  } else {
    StartJobs(now, &output);
  }
  return output;
}

void GarbageKeeper::TakeSurveyAnswer(const absl::Status& status,
                                     const CollectGarbageResponse& response) {
  Lane& lane = lanes_.front();
  if (!status.ok() || response.complete()) {
    job_.reset();
    return;
  }
  GarbageAction next = std::move(lane.under_way.front());
  next.query.after = response.resume_after();
  lane.queue.push_back(std::move(next));
}

void GarbageKeeper::TakeRoundAnswer(size_t index, const absl::Status& status,
                                    const CollectGarbageResponse& response) {
  Lane& lane = lanes_[index];
  const std::vector<GarbageAction> actions = std::exchange(lane.under_way, {});
  StepOutcome outcome = Deliver(actions, status, response, &*round_);
  lane.queue.insert(lane.queue.begin(), actions.begin() + static_cast<ptrdiff_t>(outcome.answered),
                    actions.end());
  if (round_->is_finished()) {
    if (EndOf(*round_) == RoundEnd::kReplicaDown) nodes_down_.insert(lane.node_id);
    return FinishRound();
  }
  Enqueue(std::move(outcome.next));
}

// What is to be written goes first: until then the round holds the records of its key.
void GarbageKeeper::Enqueue(GarbageActions actions) {
  for (GarbageAction& action : actions) {
    std::deque<GarbageAction>& queue = lanes_.at(action.replica).queue;
    if (action.kind == Kind::kAccept) {
      queue.push_front(std::move(action));
    } else {
      queue.push_back(std::move(action));
    }
  }
}

void GarbageKeeper::FinishRound() {
  const RoundEnd end = EndOf(*round_);
  const bool goes_on =
      end == RoundEnd::kRepaired && round_->repaired_keys() > 0 && job_->repeats < kRepeatsMax;
  if (goes_on) {
    jobs_.push_front(GarbageJob{.partition = job_->partition, .repeats = job_->repeats + 1});
  } else if (end == RoundEnd::kRepaired) {
    ++waiting_[static_cast<size_t>(WaitReason::kDiffers)];
  } else if (end == RoundEnd::kReplicaDown) {
    ++waiting_[static_cast<size_t>(WaitReason::kReplicaDown)];
  } else if (end == RoundEnd::kRefused) {
    ++waiting_[static_cast<size_t>(WaitReason::kRefused)];
  }
  EndRound(end);
}

void GarbageKeeper::EndRound(RoundEnd end) {
  stats_.RoundsOf(end).IncrementFromOwner();
  stats_.repaired_keys.AddFromOwner(round_->repaired_keys());
  round_.reset();
  job_.reset();
  lanes_.clear();
}

void GarbageKeeper::Pump(const base::Now& now, GarbageOutput* output) {
  for (Lane& lane : lanes_) {
    const bool is_idle = lane.ask_id == 0 && !lane.queue.empty();
    if (is_idle && now.monotonic >= lane.not_before) AskNext(&lane, output);
  }
}

void GarbageKeeper::AskNext(Lane* lane, GarbageOutput* output) {
  lane->under_way.clear();
  size_t size_bytes = 0;
  do {
    size_bytes += lane->queue.front().record.value.size();
    lane->under_way.push_back(std::move(lane->queue.front()));
    lane->queue.pop_front();
  } while (!lane->queue.empty() && IsKeyed(lane->under_way.back()) &&
           IsKeyed(lane->queue.front()) && lane->under_way.size() < kKeysPerAskMax &&
           size_bytes + lane->queue.front().record.value.size() <= kAskBytesMax);
  lane->ask_id = next_ask_id_++;
  output->asks.push_back(GarbageAsk{.id = lane->ask_id,
                                    .address = lane->address,
                                    .request = EncodeActions(lane->under_way, lane->incarnation)});
}

}  // namespace quorumcache::transfer
