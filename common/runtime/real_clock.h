// SPDX-License-Identifier: Apache-2.0
// RealClock: the operating system's clocks, for everything that is not a test.
#pragma once

#include "common/base/clock.h"

namespace quorumcache::runtime {

// CLOCK_MONOTONIC and CLOCK_REALTIME; two vDSO calls, no system call. Thread-safe.
class RealClock final : public base::Clock {
 public:
  base::Now Read() const override;
};

}  // namespace quorumcache::runtime
