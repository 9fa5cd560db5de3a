// SPDX-License-Identifier: Apache-2.0
#include "tests/history/monotonic_reads.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"

namespace quorumcache::history {

std::optional<std::string> CheckMonotonicReads(const History& history) {
  std::vector<const ClientOp*> told;
  for (const ClientOp& op : history) {
    if (op.returned_ns != kNever && !op.version.IsZero()) told.push_back(&op);
  }
  std::stable_sort(told.begin(), told.end(),
                   [](auto* a, auto* b) { return a->invoked_ns < b->invoked_ns; });
  std::map<int32_t, const ClientOp*> highest;  // by process
  for (const ClientOp* op : told) {
    const ClientOp*& seen = highest[op->process];
    if (seen != nullptr && op->version < seen->version) {
      return absl::StrCat("process ", op->process, " has seen ", Describe(*seen), "; then ",
                          Describe(*op));
    }
    seen = op;
  }
  return std::nullopt;
}

}  // namespace quorumcache::history
