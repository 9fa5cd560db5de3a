// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/no_resurrection.h"

#include "absl/strings/str_cat.h"

namespace quorumcache::sim {
namespace {

bool Done(const ClientOp& op) {
  return op.outcome == ClientOutcome::kOk;
}

// Whether `op` certainly ends a value set by another operation.
bool Ends(const ClientOp& op) {
  return Done(op) && (op.kind == ClientOpKind::kSet || op.kind == ClientOpKind::kDelete);
}

}  // namespace

std::optional<std::string> CheckNoResurrection(const History& history) {
  for (const ClientOp& read : history) {
    if (read.kind != ClientOpKind::kGet || !Done(read) || !read.found) continue;
    for (const ClientOp& set : history) {
      const bool its_value =
          set.kind == ClientOpKind::kSet && set.value == read.value_read && Done(set);
      if (!its_value) continue;
      for (const ClientOp& end : history) {
        const bool between = Ends(end) && &end != &set && set.returned_us < end.invoked_us &&
                             end.returned_us < read.invoked_us;
        if (!between) continue;
        return absl::StrCat("read of a dead value: ", Describe(set), "; ended by ", Describe(end),
                            "; read by ", Describe(read));
      }
    }
  }
  return std::nullopt;
}

}  // namespace quorumcache::sim
