// SPDX-License-Identifier: Apache-2.0
// What qc-sim and the tests print: a failure as people can use it, and what a run was made of.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/sim/plan.h"
#include "tests/sim/run.h"

namespace quorumcache::sim {

// Sums over the histories of a run. Value.
struct Totals {
  uint64_t histories = 0;
  uint64_t operations = 0;
  uint64_t unknown = 0;
  uint64_t messages = 0;
  uint64_t undecided = 0;
  uint64_t checks = 0;
  uint64_t hash = 0;  // of all state hashes, in their order
  FaultCounts faults{};
  StepCounts steps{};

  void Add(const Verdict& verdict);
};

// One line, with the CPU time and its speed.
std::string Describe(const Totals& totals, double cpu_seconds);
// One line: how often each kind of trouble was made.
std::string Describe(const FaultCounts& faults);
std::string Describe(const StepCounts& steps);
// The plan, the history, the state hash and the verdict.
std::string Describe(const Plan& plan, const Verdict& verdict);

// The seed, the smallest plan that still fails with its history, and the command that replays it.
// `mutation`: the planted bug by name, or "". Runs the plan some hundred times.
std::string DescribeFailure(uint64_t seed, absl::string_view mutation, const SimOptions& options);

// The names of the kinds of trouble that were never made.
std::string MissingFaults(const FaultCounts& faults);
std::string MissingSteps(const StepCounts& steps);
// The names of the probes that this process has not reached; "" for none.
std::string UnreachedProbes();

}  // namespace quorumcache::sim
