// SPDX-License-Identifier: Apache-2.0
// The same question as linearizability.h, answered the slow and obvious way: the checker's own
// checker.
#pragma once

#include "tests/history/history.h"

namespace quorumcache::history {

// Tries every order. Exponential: at most about 8 operations.
bool IsLinearizableByBruteForce(const History& history);

}  // namespace quorumcache::history
