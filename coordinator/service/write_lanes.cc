// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/write_lanes.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"

namespace quorumcache::service {

using quorum::KeyLane;

WriteLanes::~WriteLanes() {
  QC_CHECK(waiting_.size() == 0);
}

WriteLanes::Verdict WriteLanes::Enter(uint64_t token, Write& write) {
  KeyLane& lane = lanes_[token];
  const bool blind = write.mutation.IsBlind();
  if (lane.MustWait(blind, Now())) {
    if (lane.full()) return Verdict::kFull;
    auto waiting = std::make_unique<Waiting>(this);
    Waiting& added = *waiting;
    added.ticket = waiting_.Add(std::move(waiting));
    write.job.lane = {true, token, {}};
    added.write = std::move(write);
    loop_.Arm(added, added.write.job.deadline);
    lane.Wait(added.ticket, blind);
    return Verdict::kWait;
  }
  write.job.lane = {true, token, lane.Enter(blind, Now())};
  return Verdict::kGo;
}

void WriteLanes::Leave(const OpRunner::Job& job) {
  if (!job.lane.entered) return;
  const auto found = lanes_.find(job.lane.token);
  QC_CHECK(found != lanes_.end());
  KeyLane& lane = found->second;
  lane.Leave(job.lane.pass);
  if (lane.waiting() > 0) {
    due_.push_back(job.lane.token);
    return PumpAll();
  }
  if (lane.idle() && !lane.contended(Now())) lanes_.erase(found);
}

void WriteLanes::OnContention(const OpRunner::Job& job) {
  const auto found = lanes_.find(job.lane.token);
  if (!job.lane.entered || found == lanes_.end()) return;
  ForgetOld();
  if (!found->second.contended(Now())) {
    if (contended_.size() >= limits::kContendedKeysMax) return;
    contended_.push_back({job.lane.token, Now()});
  }
  found->second.OnContention(Now());
}

bool WriteLanes::HasFollowers(const OpRunner::Job& job) const {
  const auto found = lanes_.find(job.lane.token);
  return job.lane.entered && found != lanes_.end() && found->second.waiting() > 0;
}

void WriteLanes::PumpAll() {
  if (pumping_) return;
  pumping_ = true;
  while (!due_.empty()) {
    const uint64_t token = due_.back();
    due_.pop_back();
    Pump(token);
  }
  pumping_ = false;
}

void WriteLanes::Pump(uint64_t token) {
  // Found anew each time: what goes may add lanes, and end at once.
  for (auto lane = lanes_.find(token); lane != lanes_.end(); lane = lanes_.find(token)) {
    const std::optional<KeyLane::Admitted> next = lane->second.Next(Now());
    if (!next) break;
    std::unique_ptr<Waiting> waiting;
    const bool found = waiting_.Take(next->ticket, &waiting);
    QC_CHECK(found);
    loop_.Cancel(*waiting);
    waiting->write.job.lane.pass = next->pass;
    listener_.OnTurn(std::move(waiting->write));
  }
  EraseIfIdle(token);
}

void WriteLanes::OnTimeUp(KeyLane::Ticket ticket) {
  std::unique_ptr<Waiting> waiting;
  const bool found = waiting_.Take(ticket, &waiting);
  QC_CHECK(found);
  OpRunner::Job& job = waiting->write.job;
  const auto lane = lanes_.find(job.lane.token);
  QC_CHECK(lane != lanes_.end());
  const bool abandoned = lane->second.Abandon(ticket);
  QC_CHECK(abandoned);
  due_.push_back(job.lane.token);
  job.lane = {};
  listener_.OnTimeUp(waiting->write);
  // It may have stood before one that could go.
  PumpAll();
}

void WriteLanes::ExpireAll() {
  std::vector<KeyLane::Ticket> tickets;
  waiting_.ForEach(
      [&tickets](const std::unique_ptr<Waiting>& one) { tickets.push_back(one->ticket); });
  // Some may have got their turn meanwhile.
  for (const KeyLane::Ticket ticket : tickets) {
    if (waiting_.Find(ticket) != nullptr) OnTimeUp(ticket);
  }
}

void WriteLanes::EraseIfIdle(uint64_t token) {
  const auto found = lanes_.find(token);
  if (found == lanes_.end()) return;
  if (found->second.idle() && !found->second.contended(Now())) lanes_.erase(found);
}

void WriteLanes::ForgetOld() {
  while (!contended_.empty() && contended_.front().at + quorum::kContendedFor < Now()) {
    const uint64_t token = contended_.front().token;
    contended_.pop_front();
    const auto found = lanes_.find(token);
    if (found == lanes_.end()) continue;
    if (found->second.contended(Now())) {
      contended_.push_back({token, Now()});
    } else if (found->second.idle()) {
      lanes_.erase(found);
    }
  }
}

}  // namespace quorumcache::service
