// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/start_over.h"

#include <utility>

namespace quorumcache::service {
namespace {

// A published map reaches every process within some milliseconds (inotify, watch).
constexpr absl::Duration kWait = absl::Milliseconds(20);
// Half a second: a watch that has lost its member of etcd is at another one by then. After that the
// caller hears STALE_TOPOLOGY: something is wrong with this coordinator's store.
constexpr int kAttemptsMax = 25;

}  // namespace

StartOver::StartOver(LoopServices& loop, Restart restart)
    : loop_(loop), restart_(std::move(restart)) {}

bool StartOver::MayWait(const OpRunner::Job& job) const {
  return job.attempts < kAttemptsMax && loop_.now().monotonic + kWait < job.deadline;
}

void StartOver::Add(OpRunner::Job& job, bool at_once) {
  Waiting waiting;
  waiting.job.listener = job.listener;
  waiting.job.sink = job.sink;
  waiting.job.cookie = job.cookie;
  waiting.job.kind = job.kind;
  waiting.job.consistency = job.consistency;
  waiting.job.return_previous = job.return_previous;
  waiting.job.attempts = job.attempts + 1;
  // A write stays in its lane: the others would fare no better.
  waiting.job.lane = job.lane;
  waiting.job.started_at = job.started_at;
  waiting.job.deadline = job.deadline;
  waiting.mutation = job.operation->TakeMutation();
  waiting.key = job.operation->TakeKey();
  waiting_.push_back(std::move(waiting));
  // Not within this call, which is of the operation that has just ended.
  if (at_once) return loop_.Arm(*this, loop_.now().monotonic);
  if (!armed()) loop_.Arm(*this, loop_.now().monotonic + kWait);
}

void StartOver::RestartAll() {
  loop_.Cancel(*this);
  std::vector<Waiting> due;
  due.swap(waiting_);
  for (Waiting& waiting : due) restart_(std::move(waiting));
}

}  // namespace quorumcache::service
