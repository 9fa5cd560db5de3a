// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/run.h"

#include <utility>
#include <vector>

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

// Takes one kind of trouble out of a plan; false: it had none of it.
using Relief = bool (*)(Plan* plan);

template <typename T>
bool Clear(T* field) {
  const bool was_set = *field != T{};
  *field = T{};
  return was_set;
}

bool Right(std::vector<SimClock>* clocks) {
  bool was_wrong = false;
  for (SimClock& clock : *clocks) {
    was_wrong = was_wrong || clock.offset_ms != 0 || clock.drift_permille != 0;
    clock = SimClock{};
  }
  return was_wrong;
}

constexpr Relief kReliefs[] = {
    [](Plan* plan) { return Clear(&plan->network.lose_request_one_in); },
    [](Plan* plan) { return Clear(&plan->network.lose_reply_one_in); },
    [](Plan* plan) { return Clear(&plan->network.double_one_in); },
    [](Plan* plan) { return Clear(&plan->network.slow_one_in); },
    [](Plan* plan) { return Clear(&plan->hedge_delay_us); },
    [](Plan* plan) { return Clear(&plan->reserve_ballots); },
    [](Plan* plan) { return Clear(&plan->batches); },
    [](Plan* plan) { return Clear(&plan->fsync); },
    [](Plan* plan) { return Right(&plan->node_clocks); },
    [](Plan* plan) { return Right(&plan->coordinator_clocks); },
};

bool Relieve(Relief relief, const SimOptions& options, Plan* plan) {
  Plan smaller = *plan;
  if (!relief(&smaller) || !Fails(smaller, options)) return false;
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
    shrunk |= ShrinkList(&Plan::rounds, options, &smallest);
    shrunk |= ShrinkList(&Plan::steps, options, &smallest);
    for (const Relief relief : kReliefs) shrunk |= Relieve(relief, options, &smallest);
  }
  return smallest;
}

}  // namespace quorumcache::sim
