// SPDX-License-Identifier: Apache-2.0
// Writes a run down where somebody can look at it later.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/histories/run.h"

namespace quorumcache::histories {

// DIR/histories-SEED.jsonl, the whole history as JSON lines (tests/history/json_lines.h); its path.
// What was there is replaced.
absl::StatusOr<std::string> DumpHistory(const RunReport& report, uint64_t seed,
                                        const std::string& directory);

// What is wrong, what was broken when, and the operations of the first key that is wrong, for
// people. "" where nothing is.
std::string Explain(const RunReport& report, uint64_t seed, absl::string_view options);

}  // namespace quorumcache::histories
