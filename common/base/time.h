// SPDX-License-Identifier: Apache-2.0
// The two times of the protocol core, both handed in by whoever drives it.
//
// Pure code has no clock: MonotonicTime orders deadlines and delays within one process, wall
// milliseconds feed the hybrid logical clock (common/model/hlc.h). A simulator makes both up.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace quorumcache::base {

// Nanoseconds since an arbitrary start; never goes back. Immutable value.
class MonotonicTime {
 public:
  constexpr MonotonicTime() = default;
  static constexpr MonotonicTime FromNanos(int64_t nanos) { return MonotonicTime(nanos); }
  // Later than every time that occurs: "no deadline".
  static constexpr MonotonicTime Infinite() {
    return MonotonicTime(std::numeric_limits<int64_t>::max());
  }

  constexpr int64_t nanos() const { return nanos_; }
  friend constexpr auto operator<=>(MonotonicTime, MonotonicTime) = default;

  // Saturates at Infinite().
  friend MonotonicTime operator+(MonotonicTime time, absl::Duration delay) {
    const int64_t add = absl::ToInt64Nanoseconds(delay);
    if (add > 0 && time.nanos_ > std::numeric_limits<int64_t>::max() - add) return Infinite();
    return MonotonicTime(time.nanos_ + add);
  }
  friend absl::Duration operator-(MonotonicTime a, MonotonicTime b) {
    return absl::Nanoseconds(a.nanos_ - b.nanos_);
  }

 private:
  explicit constexpr MonotonicTime(int64_t nanos) : nanos_(nanos) {}
  int64_t nanos_ = 0;
};

// The present, as one step of the core sees it.
struct Now {
  MonotonicTime monotonic;
  // Milliseconds since the Unix epoch by this process's clock, which may be wrong.
  uint64_t wall_ms = 0;
};

}  // namespace quorumcache::base
