// SPDX-License-Identifier: Apache-2.0
// Where a shell gets the time from; the real one is in common/runtime, tests bring their own.
#pragma once

#include "common/base/time.h"

namespace quorumcache::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now Read() const = 0;
};

}  // namespace quorumcache::base
