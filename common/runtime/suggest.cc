// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/suggest.h"

#include <algorithm>
#include <numeric>

namespace quorumcache::runtime {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // Rows of the table: of i - 2, i - 1 and i letters of `a`.
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string Nearest(absl::string_view typed, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = 3;
  for (const std::string& word : known) {
    const size_t distance = EditDistance(typed, word);
    if (distance < best_distance && distance * 3 <= word.size()) {
      best = word;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace quorumcache::runtime
