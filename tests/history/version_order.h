// SPDX-License-Identifier: Apache-2.0
// A fast checker for histories of any length: versions must grow with real time.
//
// Every version is a ballot, and a key's ballots only grow. So what begins after something has
// returned must show a version that is not lower, and a write one that is higher. O(n log n). It
// finds stale reads, lost and resurrected values; it cannot see a wrong result under a right
// version: linearizability.h does.
#pragma once

#include <optional>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// nullopt: in order. Otherwise the first two operations that are not, in words. Requires: one key.
std::optional<std::string> CheckVersionOrder(const History& history);

}  // namespace quorumcache::history
