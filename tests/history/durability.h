// SPDX-License-Identifier: Apache-2.0
// No acknowledged write is lost, and no increment is counted twice.
//
// By values alone, so that it holds where versions lie. O(n log n), for histories of any length.
#pragma once

#include <optional>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// nullopt, or what was lost or counted twice, in words. Requires: one key.
//
// A write counts as lost when a read that began after its acknowledgement shows a value whose write
// had returned before it began, or shows nothing although no Delete and no expiry could have come
// after it. On a key that is only incremented, every number told must lie between the sum of the
// increments acknowledged before and of those asked for by then.
std::optional<std::string> CheckDurability(const History& history);

}  // namespace quorumcache::history
