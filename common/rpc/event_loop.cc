// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/event_loop.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace quorumcache::rpc {
namespace {

// Bounds an iteration: flushing must not wait for ever while events pour in. Above the largest
// burst that natural batching profits from (docs/PERFORMANCE.md).
constexpr int kEventsPerIterationMax = 256;
// So long an idle loop sleeps: Stop and Post wake it, so this is only a bound on surprises.
constexpr int64_t kIdleNanosMax = 1'000'000'000;

gpr_timespec AfterNanos(int64_t nanos) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(nanos, GPR_TIMESPAN));
}

}  // namespace

Flushable::~Flushable() {
  if (marked_by_ != nullptr) marked_by_->Unmark(*this);
}

EventLoop::EventLoop(std::unique_ptr<grpc::CompletionQueue> queue, const base::Clock& clock)
    : queue_(std::move(queue)), clock_(clock), now_(clock.Read()), timers_(now_.monotonic) {}

EventLoop::~EventLoop() {
  Drain();
  // Flushables may live longer than the loop.
  for (Flushable* flushable : dirty_) flushable->marked_by_ = nullptr;
}

void EventLoop::Run() {
  while (!stop_.load(std::memory_order_acquire)) RunOnce(base::MonotonicTime::Infinite());
  stop_.store(false, std::memory_order_release);
}

bool EventLoop::RunOnce(base::MonotonicTime until) {
  const base::MonotonicTime deadline = std::min(until, timers_.NextDeadline());
  ReadClock();
  const int64_t wait_nanos =
      std::clamp<int64_t>(deadline.nanos() - now_.monotonic.nanos(), 0, kIdleNanosMax);
  void* tag = nullptr;
  bool ok = false;
  const auto got = queue_->AsyncNext(&tag, &ok, AfterNanos(wait_nanos));
  ReadClock();
  if (got == grpc::CompletionQueue::GOT_EVENT) {
    static_cast<Tag*>(tag)->OnEvent(ok);
    TakeReadyEvents();
  }
  timers_.Advance(now_.monotonic);
  FlushDirty();
  return got == grpc::CompletionQueue::GOT_EVENT;
}

void EventLoop::TakeReadyEvents() {
  const gpr_timespec at_once = gpr_time_0(GPR_CLOCK_MONOTONIC);
  for (int i = 1; i < kEventsPerIterationMax; ++i) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_->AsyncNext(&tag, &ok, at_once) != grpc::CompletionQueue::GOT_EVENT) return;
    static_cast<Tag*>(tag)->OnEvent(ok);
  }
}

void EventLoop::FlushDirty() {
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    // By index: Unmark may blank entries meanwhile.
    for (size_t i = 0; i < flushing_.size(); ++i) {
      Flushable* flushable = flushing_[i];
      if (flushable == nullptr) continue;
      flushing_[i] = nullptr;
      flushable->marked_by_ = nullptr;
      flushable->Flush();
    }
    flushing_.clear();
  }
}

void EventLoop::Unmark(Flushable& flushable) {
  if (flushable.marked_by_ != this) return;
  flushable.marked_by_ = nullptr;
  std::erase(dirty_, &flushable);
  std::replace(flushing_.begin(), flushing_.end(), &flushable, static_cast<Flushable*>(nullptr));
}

void EventLoop::Stop() {
  Post([this] { stop_.store(true, std::memory_order_release); });
}

void EventLoop::Post(std::function<void()> function) {
  base::MutexLock lock(mutex_);
  if (closed_) return;
  posted_.push_back(std::move(function));
  if (wake_pending_) return;
  wake_pending_ = true;
  alarm_.Set(queue_.get(), gpr_time_0(GPR_CLOCK_MONOTONIC), static_cast<Tag*>(&wake_));
}

void EventLoop::RunPosted() {
  {
    base::MutexLock lock(mutex_);
    wake_pending_ = false;
    running_.swap(posted_);
  }
  for (const auto& function : running_) function();
  running_.clear();
}

void EventLoop::Drain() {
  if (drained_) return;
  drained_ = true;
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
  }
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    ReadClock();
    static_cast<Tag*>(tag)->OnEvent(ok);
  }
}

}  // namespace quorumcache::rpc
