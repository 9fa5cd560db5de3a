// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/run.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/history/check_history.h"

namespace quorumcache::sim {
namespace {

bool Fails(const Plan& plan, const SimOptions& options) {
  return !RunPlan(plan, options).ok();
}

// Leaves out every element of plan->*list that is not needed for the failure.
template <typename T>
bool ShrinkList(std::vector<T> Plan::*list, const SimOptions& options, Plan* plan) {
  bool shrunk = false;
  for (size_t i = (plan->*list).size(); i-- > 0;) {
    Plan smaller = *plan;
    (smaller.*list).erase((smaller.*list).begin() + static_cast<int64_t>(i));
    if (!Fails(smaller, options)) continue;
    *plan = std::move(smaller);
    shrunk = true;
  }
  return shrunk;
}

bool ShrinkRate(uint32_t NetworkPlan::*rate, const SimOptions& options, Plan* plan) {
  if (plan->network.*rate == 0) return false;
  Plan smaller = *plan;
  smaller.network.*rate = 0;
  if (!Fails(smaller, options)) return false;
  *plan = std::move(smaller);
  return true;
}

}  // namespace

Verdict RunPlan(const Plan& plan, const SimOptions& options) {
  Verdict verdict;
  verdict.world = World(plan, options).Run();
  if (!verdict.world.violation.empty()) {
    verdict.violation = absl::StrCat("invariant: ", verdict.world.violation);
  }
  const history::HistoryReport report = history::CheckHistory(verdict.world.history);
  if (verdict.violation.empty()) verdict.violation = report.violation;
  verdict.undecided = report.undecided_keys > 0;
  return verdict;
}

Plan Shrink(const Plan& plan, const SimOptions& options) {
  Plan smallest = plan;
  bool shrunk = true;
  while (shrunk) {
    shrunk = ShrinkList(&Plan::ops, options, &smallest);
    shrunk |= ShrinkList(&Plan::faults, options, &smallest);
    for (auto rate : {&NetworkPlan::lose_request_one_in, &NetworkPlan::lose_reply_one_in,
                      &NetworkPlan::double_one_in, &NetworkPlan::slow_one_in}) {
      shrunk |= ShrinkRate(rate, options, &smallest);
    }
  }
  return smallest;
}

}  // namespace quorumcache::sim
