// SPDX-License-Identifier: Apache-2.0
// What the tests of common/rpc share: a real clock, and loops that one thread turns in turn.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/server.h"

namespace quorumcache::rpc {

class SystemClock final : public base::Clock {
 public:
  base::Now Read() const override {
    const int64_t nanos = absl::GetCurrentTimeNanos();
    return base::Now{base::MonotonicTime::FromNanos(nanos), static_cast<uint64_t>(nanos / 1000000)};
  }
};

// Turns the loops until `done()`; false after a minute, which only a broken test sees.
inline bool TurnUntil(std::initializer_list<EventLoop*> loops, const std::function<bool()>& done) {
  const SystemClock clock;
  const base::MonotonicTime give_up = clock.Read().monotonic + absl::Minutes(1);
  while (!done()) {
    const base::MonotonicTime now = clock.Read().monotonic;
    if (now > give_up) return false;
    for (EventLoop* loop : loops) loop->RunOnce(now + absl::Milliseconds(1));
  }
  return true;
}

inline std::unique_ptr<EventLoop> MakeClientLoop(const base::Clock& clock) {
  return std::make_unique<EventLoop>(std::make_unique<grpc::CompletionQueue>(), clock);
}

// Shuts `server` down while turning the loops, then drains its loop.
inline bool ShutDown(Server& server, EventLoop& loop, std::initializer_list<EventLoop*> others) {
  bool down = false;
  server.Shutdown(loop, absl::Seconds(5), [&down] { down = true; });
  while (!down) {
    if (!TurnUntil({&loop}, [&down] { return down; })) return false;
    for (EventLoop* other : others) other->RunOnce(base::MonotonicTime());
  }
  loop.Drain();
  return true;
}

}  // namespace quorumcache::rpc
