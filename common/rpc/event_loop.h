// SPDX-License-Identifier: Apache-2.0
// EventLoop: one thread, one gRPC completion queue, and everything that a process's data plane
// does.
//
// An iteration waits for the first event (or the next timer), takes all that are ready (bounded),
// runs due timers, then flushes every object marked dirty. So whatever many events have to say to
// one peer leaves in one message, without timers or fixed batch sizes: natural batching. Nothing on
// this path takes a mutex; other threads come in through Post alone. A second poller on the same
// process's queues makes everything 1.3 to 1.5 times dearer (docs/PERFORMANCE.md), so no sync or
// callback gRPC service may run beside a loop.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/time.h"
#include "common/rpc/timer_wheel.h"

namespace quorumcache::rpc {

// What is handed to gRPC as `void* tag`: always as a Tag*, or the loop calls into the void.
class Tag {
 public:
  // The event has happened; what `ok` means is the started operation's business. Loop thread.
  virtual void OnEvent(bool ok) = 0;

 protected:
  ~Tag() = default;
};

// A Tag that calls a member function: `MemberTag<Session, &Session::OnRead> on_read_{this};`,
// handed over as on_read_.tag().
template <typename T, void (T::*method)(bool)>
class MemberTag final : public Tag {
 public:
  explicit MemberTag(T* object) : object_(object) {}
  void OnEvent(bool ok) override { (object_->*method)(ok); }
  void* tag() { return static_cast<Tag*>(this); }

 private:
  T* object_;
};

// Something with output that can wait for the end of the iteration.
class Flushable {
 public:
  // Called once at the end of an iteration in which it was marked. May mark itself or others again:
  // they are flushed in the same iteration.
  virtual void Flush() = 0;

 protected:
  virtual ~Flushable();

 private:
  friend class EventLoop;
  class EventLoop* marked_by_ = nullptr;
};

// Post, Stop are thread-safe; all else belongs to the thread that runs the loop.
class EventLoop {
 public:
  // `queue` may be a grpc::ServerCompletionQueue; `clock` outlives the loop.
  EventLoop(std::unique_ptr<grpc::CompletionQueue> queue, const base::Clock& clock);
  // Shuts the queue down and drains it. Requires: Run is not running, every server on the queue was
  // shut down (rpc::Server does), and objects with events under way are still there to take them
  // (ok = false).
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  grpc::CompletionQueue* queue() { return queue_.get(); }

  // Iterates until Stop. May be called again.
  void Run();
  // One iteration, waiting for its first event until `until` at most. Returns whether there was an
  // event. For tests, and for draining.
  bool RunOnce(base::MonotonicTime until);
  // Makes Run return after the present iteration. Thread-safe.
  void Stop();
  // Shuts the queue down and delivers all that is left in it; idempotent. Nothing may be started on
  // the queue afterwards. See the destructor.
  void Drain();
  // Drain has begun: nothing may be started on the queue any more. Loop thread.
  bool drained() const { return drained_; }

  // The time at which this iteration began its work; O(1), no system call. Up to an iteration old.
  const base::Now& now() const { return now_; }

  void MarkDirty(Flushable& flushable) {
    if (flushable.marked_by_ != nullptr) return;
    flushable.marked_by_ = this;
    dirty_.push_back(&flushable);
  }
  // Forgets a mark. O(marked).
  void Unmark(Flushable& flushable);

  // See TimerWheel. Coarse: 1 ms.
  void Arm(Timer& timer, base::MonotonicTime at) { timers_.Arm(timer, at); }
  void Cancel(Timer& timer) { timers_.Cancel(timer); }

  // Runs `function` on the loop's thread, in the order of the calls, soon. Thread-safe. One wake-up
  // for all that is posted before the loop gets to it. What is posted after Drain is destroyed
  // unrun.
  void Post(std::function<void()> function);

 private:
  class Wake final : public Tag {
   public:
    explicit Wake(EventLoop* loop) : loop_(loop) {}
    void OnEvent(bool ok) override { loop_->RunPosted(); }

   private:
    EventLoop* loop_;
  };

  void ReadClock() { now_ = clock_.Read(); }
  // Takes what is ready after the first event, at most kEventsPerIterationMax.
  void TakeReadyEvents();
  void FlushDirty();
  void RunPosted();

  std::unique_ptr<grpc::CompletionQueue> queue_;
  const base::Clock& clock_;
  base::Now now_;
  TimerWheel timers_;
  std::vector<Flushable*> dirty_;
  std::vector<Flushable*> flushing_;
  std::atomic<bool> stop_{false};
  bool drained_ = false;

  Wake wake_{this};
  base::Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  bool wake_pending_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Set under the mutex: an Alarm may not be set again while another thread is still inside Set.
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> running_;
};

}  // namespace quorumcache::rpc
