// SPDX-License-Identifier: Apache-2.0
// The sequential specification: what one key is when operations come one after another.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "tests/history/history.h"

namespace quorumcache::history {

// Value.
struct RegisterState {
  bool present = false;
  int64_t value = 0;
  // Index of the operation that made this version; -1: none.
  int32_t writer = -1;
  // Index of the operation whose time to live applies; -1: lives for ever.
  int32_t ttl_of = -1;
  // Bit i: the time that history[i] sets is over, so what it writes from now on is dead at once.
  // Only the first 64 operations of a history may have a time to live.
  uint64_t times_over = 0;
  friend auto operator<=>(const RegisterState&, const RegisterState&) = default;
};

// The state after history[index] took effect in `state` with the answer it got (any answer, where
// it got none); nullopt when that answer is impossible there.
std::optional<RegisterState> Step(const RegisterState& state, const History& history,
                                  int32_t index);

}  // namespace quorumcache::history
