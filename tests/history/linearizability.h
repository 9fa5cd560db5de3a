// SPDX-License-Identifier: Apache-2.0
// Is there an order of the operations, true to real time, that explains every answer?
//
// Wing and Gong, "Testing and Verifying Concurrent Objects", 1993, with the memoisation of Lowe,
// "Testing for linearizability", 2017. Operations without an answer may take effect at any time
// after they were asked for, or never. Depth first with an explicit stack: histories of 10^5
// operations are fine as long as at most 64 consecutive ones overlap and at most 64 have no answer;
// Sets without an answer whose value is never told of again do not count.
#pragma once

#include <cstddef>

#include "tests/history/history.h"

namespace quorumcache::history {

enum class Linearizable : uint8_t { kYes, kNo, kUndecided };

// `states_max` bounds the search; kUndecided when it is reached, or when the history is outside of
// the bounds above. Requires: one key.
Linearizable CheckLinearizable(const History& history, size_t states_max = 2'000'000);

}  // namespace quorumcache::history
