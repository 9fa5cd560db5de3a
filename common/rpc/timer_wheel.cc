// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/timer_wheel.h"

#include <algorithm>
#include <bit>

#include "common/base/check.h"

namespace quorumcache::rpc {
namespace {

constexpr int64_t kNanosPerTick = 1'000'000;

// The tick in which a timer for `at` fires: rounded up, so never before it.
int64_t TickAtOrAfter(base::MonotonicTime at) {
  return at.nanos() / kNanosPerTick + (at.nanos() % kNanosPerTick > 0 ? 1 : 0);
}

int64_t TickOf(base::MonotonicTime now) {
  return now.nanos() / kNanosPerTick;
}

void Append(TimerLink& list, TimerLink& link) {
  link.previous = list.previous;
  link.next = &list;
  list.previous->next = &link;
  list.previous = &link;
}

void Remove(TimerLink& link) {
  link.previous->next = link.next;
  link.next->previous = link.previous;
  link.previous = link.next = &link;
}

}  // namespace

Timer::~Timer() {
  if (wheel_ != nullptr) wheel_->Cancel(*this);
}

TimerWheel::TimerWheel(base::MonotonicTime now) : tick_(TickOf(now)) {}

TimerWheel::~TimerWheel() {
  QC_CHECK(size_ == 0);
}

void TimerWheel::Arm(Timer& timer, base::MonotonicTime at) {
  QC_CHECK(timer.wheel_ == nullptr || timer.wheel_ == this);
  Cancel(timer);
  if (at == base::MonotonicTime::Infinite()) return;
  // What is due already goes into the next slot: the present one may be firing.
  Insert(timer, std::max(TickAtOrAfter(at), tick_ + 1));
}

void TimerWheel::Insert(Timer& timer, int64_t tick) {
  const size_t slot = static_cast<size_t>(tick) % kSlotCount;
  timer.wheel_ = this;
  timer.tick_ = tick;
  Append(slots_[slot], timer);
  used_[slot / 64] |= uint64_t{1} << (slot % 64);
  ++size_;
}

void TimerWheel::Cancel(Timer& timer) {
  if (timer.wheel_ == nullptr) return;
  QC_CHECK(timer.wheel_ == this);
  Unlink(timer);
}

void TimerWheel::Unlink(Timer& timer) {
  const size_t slot = static_cast<size_t>(timer.tick_) % kSlotCount;
  Remove(timer);
  if (slots_[slot].next == &slots_[slot]) used_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  timer.wheel_ = nullptr;
  --size_;
}

void TimerWheel::Collect(size_t slot, int64_t tick) {
  TimerLink* const list = &slots_[slot];
  for (TimerLink* link = list->next; link != list;) {
    Timer& timer = static_cast<Timer&>(*link);
    link = link->next;
    if (timer.tick_ > tick) continue;  // a later turn of the wheel
    Remove(timer);
    Append(due_, timer);
  }
  if (list->next == list) used_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
}

void TimerWheel::FireDue() {
  while (due_.next != &due_) {
    Timer& timer = static_cast<Timer&>(*due_.next);
    Unlink(timer);
    timer.OnTimer();
  }
}

void TimerWheel::Advance(base::MonotonicTime now) {
  const int64_t last = TickOf(now);
  if (last <= tick_) return;
  const int64_t first = tick_ + 1;
  tick_ = last;
  if (size_ == 0) return;
  // After a long pause every slot is looked at once; timers within it then fire by slot, not by
  // time.
  const int64_t slots = std::min<int64_t>(last - first + 1, kSlotCount);
  for (int64_t i = 0; i < slots; ++i) {
    const size_t slot = static_cast<size_t>(first + i) % kSlotCount;
    if (used_[slot / 64] >> (slot % 64) & 1) Collect(slot, last);
  }
  FireDue();
}

base::MonotonicTime TimerWheel::NextDeadline() const {
  if (size_ == 0) return base::MonotonicTime::Infinite();
  const size_t begin = static_cast<size_t>(tick_ + 1) % kSlotCount;
  // The words from the one with `begin`, once around; that one is looked at twice, for either half
  // of it.
  for (size_t i = 0; i <= kWordCount; ++i) {
    const size_t word = (begin / 64 + i) % kWordCount;
    uint64_t bits = used_[word];
    if (i == 0) bits &= ~uint64_t{0} << (begin % 64);
    if (bits == 0) continue;
    const size_t slot = word * 64 + static_cast<size_t>(std::countr_zero(bits));
    const int64_t ahead = static_cast<int64_t>((slot + kSlotCount - begin) % kSlotCount);
    return base::MonotonicTime::FromNanos((tick_ + 1 + ahead) * kNanosPerTick);
  }
  QC_CHECK(false);
}

}  // namespace quorumcache::rpc
