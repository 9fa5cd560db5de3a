// SPDX-License-Identifier: Apache-2.0
// ManualLoop: LoopServices with a time that only the test moves.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "coordinator/service/loop_services.h"

namespace quorumcache::service {

// Post is thread-safe; all else belongs to the test's thread.
class ManualLoop final : public LoopServices {
 public:
  const base::Now& now() const override { return now_; }
  void Arm(rpc::Timer& timer, base::MonotonicTime at) override { timers_.Arm(timer, at); }
  void Cancel(rpc::Timer& timer) override { timers_.Cancel(timer); }
  void Post(std::function<void()> function) override {
    const base::MutexLock lock(mutex_);
    posted_.push_back(std::move(function));
  }

  // Moves both clocks and fires what is due.
  void Advance(absl::Duration time) {
    now_.monotonic = now_.monotonic + time;
    now_.wall_ms += static_cast<uint64_t>(absl::ToInt64Milliseconds(time));
    timers_.Advance(now_.monotonic);
  }
  // Runs what was posted; returns how much that was.
  size_t RunPosted() {
    std::vector<std::function<void()>> due;
    {
      const base::MutexLock lock(mutex_);
      due.swap(posted_);
    }
    for (std::function<void()>& function : due) function();
    return due.size();
  }
  size_t timers() const { return timers_.size(); }

 private:
  // A plausible wall time; what it is does not matter.
  base::Now now_{base::MonotonicTime::FromNanos(1'000'000'000), 1'700'000'000'000};
  rpc::TimerWheel timers_{now_.monotonic};
  base::Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::service
