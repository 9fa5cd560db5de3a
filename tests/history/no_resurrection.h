// SPDX-License-Identifier: Apache-2.0
// Nothing that was deleted or overwritten is read again. (Expiry: linearizability.h.)
#pragma once

#include <optional>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// nullopt, or a read of a value whose Set had returned before the Delete or Set that ended it
// began, which had returned before the read began. Looks at values alone, not at versions. O(n log
// n). Requires: one key.
std::optional<std::string> CheckNoResurrection(const History& history);

}  // namespace quorumcache::history
