// SPDX-License-Identifier: Apache-2.0
// LoopServices: what the op runner and the backend need of the event loop. The servers give them
// rpc::EventLoop, tests a loop of their own, so that both run without gRPC (and under
// ThreadSanitizer).
#pragma once

#include <functional>
#include <utility>

#include "common/base/time.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/timer_wheel.h"

namespace quorumcache::service {

// Loop thread only, but for Post.
class LoopServices {
 public:
  virtual ~LoopServices() = default;
  // When the present iteration began.
  virtual const base::Now& now() const = 0;
  // As rpc::TimerWheel::Arm and Cancel.
  virtual void Arm(rpc::Timer& timer, base::MonotonicTime at) = 0;
  virtual void Cancel(rpc::Timer& timer) = 0;
  // Runs `function` on the loop's thread, soon, in the order of the calls. Thread-safe.
  virtual void Post(std::function<void()> function) = 0;
};

// The real one; `loop` outlives it.
class EventLoopServices final : public LoopServices {
 public:
  explicit EventLoopServices(rpc::EventLoop& loop) : loop_(loop) {}
  const base::Now& now() const override { return loop_.now(); }
  void Arm(rpc::Timer& timer, base::MonotonicTime at) override { loop_.Arm(timer, at); }
  void Cancel(rpc::Timer& timer) override { loop_.Cancel(timer); }
  void Post(std::function<void()> function) override { loop_.Post(std::move(function)); }

 private:
  rpc::EventLoop& loop_;
};

}  // namespace quorumcache::service
