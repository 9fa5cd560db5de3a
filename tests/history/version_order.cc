// SPDX-License-Identifier: Apache-2.0
#include "tests/history/version_order.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace quorumcache::history {
namespace {

bool Wrote(const ClientOp& op) {
  return op.kind != ClientOpKind::kGet && op.outcome == ClientOutcome::kOk;
}

}  // namespace

std::optional<std::string> CheckVersionOrder(const History& history) {
  std::vector<const ClientOp*> by_invocation;
  for (const ClientOp& op : history) {
    if (op.returned_ns != kNever && !op.version.IsZero()) by_invocation.push_back(&op);
  }
  std::vector<const ClientOp*> by_return = by_invocation;
  std::stable_sort(by_invocation.begin(), by_invocation.end(),
                   [](auto* a, auto* b) { return a->invoked_ns < b->invoked_ns; });
  std::stable_sort(by_return.begin(), by_return.end(),
                   [](auto* a, auto* b) { return a->returned_ns < b->returned_ns; });

  const ClientOp* highest = nullptr;  // of those that had returned
  size_t returned = 0;
  for (const ClientOp* op : by_invocation) {
    for (; returned < by_return.size() && by_return[returned]->returned_ns < op->invoked_ns;
         ++returned) {
      const ClientOp* candidate = by_return[returned];
      if (highest == nullptr || candidate->version > highest->version) highest = candidate;
    }
    if (highest == nullptr) continue;
    const bool in_order =
        Wrote(*op) ? op->version > highest->version : op->version >= highest->version;
    if (!in_order) {
      return absl::StrCat("version goes back: ", Describe(*highest), "; later ", Describe(*op));
    }
  }
  return std::nullopt;
}

}  // namespace quorumcache::history
