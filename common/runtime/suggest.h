// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word nearest to what was typed.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::runtime {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (Damerau
// 1964). O(|a| * |b|).
size_t EditDistance(absl::string_view a, absl::string_view b);

// The word of `known` nearest to `typed`; "" when none is near enough to be what was meant: more
// than a third of its letters differ, or more than two.
std::string Nearest(absl::string_view typed, const std::vector<std::string>& known);

}  // namespace quorumcache::runtime
