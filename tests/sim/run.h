// SPDX-License-Identifier: Apache-2.0
// One seed, from plan to verdict.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/plan.h"
#include "tests/sim/world.h"

namespace quorumcache::sim {

struct Verdict {
  // "" where the history is fine; otherwise which checker refused it, and why.
  std::string violation;
  bool undecided = false;
  WorldResult world;
  bool ok() const { return violation.empty(); }
};

// Runs a plan and shows its history to every checker.
Verdict RunPlan(const Plan& plan, const SimOptions& options);

// The smallest plan found that still fails: leaves out operations, faults and kinds of trouble as
// long as the rest fails. Requires: RunPlan(plan) fails.
Plan Shrink(const Plan& plan, const SimOptions& options);

}  // namespace quorumcache::sim
