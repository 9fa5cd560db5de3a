// SPDX-License-Identifier: Apache-2.0
// Freshness: how long ago something was last known to be so.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/time/time.h"

namespace quorumcache::topology_base {

// Thread-safe; no locks. By the steady clock: a clock that is set does not make old news new.
class Freshness {
 public:
  void Confirm() { confirmed_at_.store(SteadyNanos(), std::memory_order_relaxed); }
  // Since the last Confirm(), or since it was made.
  absl::Duration Age() const {
    return absl::Nanoseconds(SteadyNanos() - confirmed_at_.load(std::memory_order_relaxed));
  }

 private:
  static int64_t SteadyNanos() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  }
  std::atomic<int64_t> confirmed_at_{SteadyNanos()};
};

}  // namespace quorumcache::topology_base
