// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/key_lane.h"

#include <algorithm>

#include "common/base/check.h"

namespace quorumcache::quorum {

bool KeyLane::CanEnter(LanePass pass) const {
  if (exclusive_) return false;
  return pass.exclusive ? shared_ == 0 : shared_ < limits::kKeyBlindWritesMax;
}

void KeyLane::Admit(LanePass pass) {
  QC_CHECK(CanEnter(pass));
  if (pass.exclusive) {
    exclusive_ = true;
  } else {
    ++shared_;
  }
}

LanePass KeyLane::Enter(bool blind, base::MonotonicTime now) {
  QC_CHECK(!MustWait(blind, now));
  const LanePass pass = PassOf(blind, now);
  Admit(pass);
  return pass;
}

void KeyLane::Wait(Ticket ticket, bool blind) {
  QC_CHECK(ticket != 0 && !full());
  queue_.push_back(Waiter{ticket, blind});
}

void KeyLane::Leave(LanePass pass) {
  if (pass.exclusive) {
    QC_CHECK(exclusive_);
    exclusive_ = false;
  } else {
    QC_CHECK(shared_ > 0);
    --shared_;
  }
}

std::optional<KeyLane::Admitted> KeyLane::Next(base::MonotonicTime now) {
  if (waiting() == 0) return std::nullopt;
  const Waiter first = queue_[head_];
  // How it goes is decided now: the key may have become contended while it waited.
  LanePass pass = PassOf(first.blind, now);
  if (!CanEnter(pass)) return std::nullopt;
  Admit(pass);
  // Half of it has gone: moving the rest down costs less than one step for each of them.
  if (++head_ * 2 > queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<int64_t>(head_));
    head_ = 0;
  }
  pass.follows = true;
  return Admitted{first.ticket, pass};
}

bool KeyLane::Abandon(Ticket ticket) {
  const auto found =
      std::find_if(queue_.begin() + static_cast<int64_t>(head_), queue_.end(),
                   [ticket](const Waiter& waiter) { return waiter.ticket == ticket; });
  if (found == queue_.end()) return false;
  queue_.erase(found);
  return true;
}

}  // namespace quorumcache::quorum
