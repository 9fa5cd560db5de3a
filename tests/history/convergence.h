// SPDX-License-Identifier: Apache-2.0
// When all faults are over, everybody can read, and reads the same.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// `reads`: of one key, made after the end of all faults and all changes, by different coordinators
// or at different replicas. nullopt, or the first that was not answered or, where `must_agree`,
// that tells something else than the last. They need not agree while a write that nobody was told
// about may still come to light through a replica that a read did not ask.
std::optional<std::string> CheckConvergence(std::span<const ClientOp> reads,
                                            bool must_agree = true);

}  // namespace quorumcache::history
