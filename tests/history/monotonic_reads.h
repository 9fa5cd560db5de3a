// SPDX-License-Identifier: Apache-2.0
// What one process has seen, it never unsees: monotonic reads, and its own writes among them.
//
// By versions, in the order in which a process asked. Follows from linearizability; this one names
// the two operations, and sees them in histories of any length.
#pragma once

#include <optional>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// nullopt, or the two operations of one process of which the later one was told an older version,
// in words. An absent key has no version and is passed over. O(n log n). Requires: one key.
std::optional<std::string> CheckMonotonicReads(const History& history);

}  // namespace quorumcache::history
