// SPDX-License-Identifier: Apache-2.0
#include "tests/history/brute_force.h"

#include <optional>
#include <vector>

#include "tests/history/register_model.h"

namespace quorumcache::history {
namespace {

bool MustBePlaced(const ClientOp& op) {
  return op.outcome == ClientOutcome::kOk || op.outcome == ClientOutcome::kConditionFailed;
}

// Whether the operations that are not `placed` can follow in some order.
bool CanFinish(const History& history, const RegisterState& state, std::vector<bool>* placed) {
  bool all_placed = true;
  for (size_t i = 0; i < history.size(); ++i) {
    if (!(*placed)[i] && MustBePlaced(history[i])) all_placed = false;
  }
  if (all_placed) return true;
  for (size_t i = 0; i < history.size(); ++i) {
    if ((*placed)[i] || history[i].outcome == ClientOutcome::kNotApplied) continue;
    bool must_wait = false;
    for (size_t j = 0; j < history.size(); ++j) {
      const bool before = history[j].returned_ns < history[i].invoked_ns;
      must_wait = must_wait || (before && !(*placed)[j] && MustBePlaced(history[j]));
    }
    const std::optional<RegisterState> next = Step(state, history, static_cast<int32_t>(i));
    if (must_wait || !next) continue;
    (*placed)[i] = true;
    if (CanFinish(history, *next, placed)) return true;
    (*placed)[i] = false;
  }
  return false;
}

}  // namespace

bool IsLinearizableByBruteForce(const History& history) {
  std::vector<bool> placed(history.size(), false);
  return CanFinish(history, RegisterState{}, &placed);
}

}  // namespace quorumcache::history
