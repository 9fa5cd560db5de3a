// SPDX-License-Identifier: Apache-2.0
// Hybrid logical clock: timestamps that follow the wall clock and never go back.
//
// 48 bits of milliseconds since the Unix epoch, then 16 bits of counter; Kulkarni, Demirbas et al.,
// "Logical Physical Clocks", 2014. The counter carries into the milliseconds, so that more than
// 65,536 events in one millisecond push the clock ahead of the wall instead of repeating a
// timestamp.
#pragma once

#include <algorithm>
#include <cstdint>

namespace quorumcache::model {

inline constexpr int kHlcCounterBits = 16;

constexpr uint64_t HlcFromMillis(uint64_t wall_ms) {
  return wall_ms << kHlcCounterBits;
}
constexpr uint64_t HlcMillis(uint64_t hlc) {
  return hlc >> kHlcCounterBits;
}

// Thread-compatible. One per coordinator; replicas keep one to report the highest HLC they have
// seen.
class HybridClock {
 public:
  // A timestamp above every earlier one and every observed one, at least `wall_ms`.
  uint64_t Next(uint64_t wall_ms) {
    last_ = std::max(HlcFromMillis(wall_ms), last_ + 1);
    return last_;
  }
  // Takes another process's timestamp into account.
  void Observe(uint64_t hlc) { last_ = std::max(last_, hlc); }
  // The highest timestamp handed out or observed.
  uint64_t last() const { return last_; }

 private:
  uint64_t last_ = 0;
};

}  // namespace quorumcache::model
