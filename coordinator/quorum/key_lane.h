// SPDX-License-Identifier: Apache-2.0
// KeyLane: in which order the writes of one key go through one coordinator.
//
// Pure. docs/PROTOCOL.md#contention. Nothing's correctness rests on it: the rules of the protocol
// hold for any number of writes at once. It is about speed and fairness: conditional operations of
// one coordinator on one key would only refuse each other's ballots, so they go one at a time, in
// the order in which they came; blind writes need no order, until another coordinator writes the
// same key and refuses them: then the key is *contended* for a while, and they go one at a time
// too, as changes that keep the lineage, so that a refused one finds out what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/base/limits.h"
#include "common/base/time.h"

namespace quorumcache::quorum {

// After the last sign of it. Long enough that a busy key does not fall back to blind writes, and
// learn the same again at the price of a few slow ones, more than once a second.
inline constexpr absl::Duration kContendedFor = absl::Seconds(1);

// How a write has entered; Leave wants it back.
struct LanePass {
  // Alone in the lane. A blind write that goes alone must go as a change (RegisterOp).
  bool exclusive = false;
  // It has waited for another to leave, and goes where that one ends.
  bool follows = false;
};

// Like a fair read-write lock whose readers are blind writes: first in, first out; a few blind
// writes at once, anything else alone.
//
// Invariants: an exclusive write is alone; nobody overtakes; whoever waits could not have gone.
// Thread-compatible. Small and cheap to make: an idle lane is thrown away, unless it is contended.
class KeyLane {
 public:
  // The caller's name for a write that waits; not 0.
  using Ticket = uint64_t;

  // Whether a write that comes now has to wait. O(1).
  bool MustWait(bool blind, base::MonotonicTime now) const {
    return waiting() > 0 || !CanEnter(PassOf(blind, now));
  }
  // Requires: !MustWait.
  [[nodiscard]] LanePass Enter(bool blind, base::MonotonicTime now);
  // Nobody more may wait.
  bool full() const { return waiting() >= limits::kKeyQueueMax; }
  // Requires: MustWait, and not full.
  void Wait(Ticket ticket, bool blind);
  // The write that entered with `pass` is over.
  void Leave(LanePass pass);

  struct Admitted {
    Ticket ticket = 0;
    LanePass pass;
  };
  // The next write that may go, if any: it has entered. Ask after Leave and Abandon until nobody
  // is left to go.
  [[nodiscard]] std::optional<Admitted> Next(base::MonotonicTime now);
  // A write that waits has gone away. O(waiting). False: it does not wait here.
  bool Abandon(Ticket ticket);

  // A write of this key was refused: somebody else is writing it.
  void OnContention(base::MonotonicTime now) { contended_until_ = now + kContendedFor; }
  bool contended(base::MonotonicTime now) const { return now < contended_until_; }

  size_t waiting() const { return queue_.size() - head_; }
  // Nobody is in it or waits.
  bool idle() const { return shared_ == 0 && !exclusive_ && waiting() == 0; }

 private:
  struct Waiter {
    Ticket ticket = 0;
    bool blind = false;
  };

  LanePass PassOf(bool blind, base::MonotonicTime now) const {
    return LanePass{!blind || contended(now)};
  }
  bool CanEnter(LanePass pass) const;
  void Admit(LanePass pass);

  uint32_t shared_ = 0;
  bool exclusive_ = false;
  base::MonotonicTime contended_until_;
  // queue_[head_] has waited longest; what is before it has gone.
  std::vector<Waiter> queue_;
  size_t head_ = 0;
};

}  // namespace quorumcache::quorum
