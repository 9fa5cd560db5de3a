// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/report.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/probe.h"

namespace quorumcache::sim {
namespace {

template <typename Counts, typename Kind>
std::string DescribeCounts(std::string text, const Counts& counts, const char* (*name)(Kind)) {
  for (size_t i = 0; i < counts.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? " " : ", ", name(static_cast<Kind>(i)), " ", counts[i]);
  }
  return text + "\n";
}

template <typename Counts, typename Kind>
std::string NamesOfZeroes(const Counts& counts, const char* (*name)(Kind)) {
  std::string names;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) continue;
    absl::StrAppend(&names, names.empty() ? "" : ", ", name(static_cast<Kind>(i)));
  }
  return names;
}

}  // namespace

void Totals::Add(const Verdict& verdict) {
  ++histories;
  operations += verdict.world.operations;
  messages += verdict.world.messages;
  undecided += verdict.undecided;
  checks += verdict.world.checks;
  hash = hash * 31 + verdict.world.state_hash;
  for (const ClientOp& op : verdict.world.history) unknown += op.outcome == ClientOutcome::kUnknown;
  for (size_t i = 0; i < kFaultKinds; ++i) faults[i] += verdict.world.faults[i];
  for (size_t i = 0; i < kStepKinds; ++i) steps[i] += verdict.world.steps[i];
}

std::string Describe(const Totals& totals, double cpu_seconds) {
  return absl::StrFormat(
      "%d histories, %d operations (%d unknown), %d messages, %d checks, %d undecided, "
      "%.1f s CPU, %.0f operations/s, hash %016x\n",
      totals.histories, totals.operations, totals.unknown, totals.messages, totals.checks,
      totals.undecided, cpu_seconds, static_cast<double>(totals.operations) / cpu_seconds,
      totals.hash);
}

std::string Describe(const FaultCounts& faults) {
  return DescribeCounts("faults:", faults, FaultName);
}

std::string Describe(const StepCounts& steps) {
  return DescribeCounts("members:", steps, StepName);
}

std::string Describe(const Plan& plan, const Verdict& verdict) {
  return absl::StrFormat("%s%s  state hash %016x\n  %s\n", Describe(plan),
                         history::Describe(verdict.world.history), verdict.world.state_hash,
                         verdict.ok() ? "ok" : verdict.violation);
}

std::string DescribeFailure(uint64_t seed, absl::string_view mutation, const SimOptions& options) {
  const Plan plan = MakePlan(seed, options.aim);
  const Plan smallest = Shrink(plan, options);
  return absl::StrCat("VIOLATION at seed ", seed, "; shrunk from ", plan.ops.size(),
                      " operations and ", plan.faults.size(), " faults:\n",
                      Describe(smallest, RunPlan(smallest, options)), "replay: qc-sim --seed ",
                      seed, mutation.empty() ? "" : " --mutation ", mutation, "\n");
}

std::string MissingFaults(const FaultCounts& faults) {
  return NamesOfZeroes(faults, FaultName);
}

std::string MissingSteps(const StepCounts& steps) {
  return NamesOfZeroes(steps, StepName);
}

std::string UnreachedProbes() {
  std::string unreached;
  for (const base::Probe* probe : base::AllProbes()) {
    if (probe->hits() != 0) continue;
    absl::StrAppend(&unreached, unreached.empty() ? "" : ", ", probe->name());
  }
  return unreached;
}

}  // namespace quorumcache::sim
