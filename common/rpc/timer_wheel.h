// SPDX-License-Identifier: Apache-2.0
// TimerWheel: many timers, nearly all of which are cancelled before they are due.
//
// One per operation (deadline, hedge, backoff), so arming and cancelling are O(1) and allocate
// nothing: a hashed wheel of intrusive lists (Varghese and Lauck, "Hashed and Hierarchical Timing
// Wheels", 1987, scheme 6), one slot a millisecond, and a bitmap to find the next slot in use.
// Pure: time is an argument.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/time.h"

namespace quorumcache::rpc {

// A link of a circular list; linked to itself when in none. For Timer and TimerWheel only.
struct TimerLink {
  TimerLink* previous = this;
  TimerLink* next = this;
};

// Something that wants to be called later. Not movable; may be destroyed while armed (it is
// cancelled). Thread-compatible, and serialised with its wheel.
class Timer : private TimerLink {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

  // The time it was armed for has passed. It is not armed any more; it may arm itself again, and
  // may destroy itself.
  virtual void OnTimer() = 0;

  bool armed() const { return wheel_ != nullptr; }

 private:
  friend class TimerWheel;
  class TimerWheel* wheel_ = nullptr;
  int64_t tick_ = 0;
};

// Thread-compatible; outlives its timers, or has none armed when destroyed.
class TimerWheel {
 public:
  explicit TimerWheel(base::MonotonicTime now);
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Calls timer.OnTimer() in the first Advance at or up to 1 ms after `at`, never before it. An
  // armed timer is moved. Infinite() only cancels. O(1).
  void Arm(Timer& timer, base::MonotonicTime at);
  // No effect when it is not armed. O(1).
  void Cancel(Timer& timer);

  // Fires all that is due, earliest millisecond first. Timers armed meanwhile wait for the next
  // Advance.
  void Advance(base::MonotonicTime now);
  // When Advance should be called: no timer is due before. A far timer may give an earlier time
  // (once a turn of the wheel, kSlotCount ms), in which Advance finds nothing. Infinite() without
  // timers. O(1).
  base::MonotonicTime NextDeadline() const;

  size_t size() const { return size_; }

 private:
  static constexpr size_t kSlotCount = 4096;  // 4 s: most deadlines lie within one turn
  static constexpr size_t kWordCount = kSlotCount / 64;

  void Insert(Timer& timer, int64_t tick);
  void Unlink(Timer& timer);
  // Moves what is due in one slot to due_.
  void Collect(size_t slot, int64_t tick);
  void FireDue();

  std::array<TimerLink, kSlotCount> slots_;
  std::array<uint64_t, kWordCount> used_{};  // bit: the slot is not empty
  TimerLink due_;
  int64_t tick_;  // every slot up to this one has been fired
  size_t size_ = 0;
};

}  // namespace quorumcache::rpc
