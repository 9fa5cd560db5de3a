// SPDX-License-Identifier: Apache-2.0
// Nothing that was deleted, overwritten or has expired is read again.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/history.h"

namespace quorumcache::sim {

// nullopt, or a read of a value whose Set had returned before the Delete, Set or expiry that ended
// it began, which had returned before the read began. Looks at values alone, not at versions.
// O(n^3), n is small.
std::optional<std::string> CheckNoResurrection(const History& history);

}  // namespace quorumcache::sim
