// SPDX-License-Identifier: Apache-2.0
// qc-sim: runs histories until one is wrong.
//
//   qc-sim --histories N [--from S]     seeds S, S+1, ...; the first without --from is drawn at
//   random qc-sim --seed S                     one history, told in full qc-sim --mutation NAME ...
//   with a planted bug; `list` lists them qc-sim --probes                     lists the rare
//   branches that were reached, and how often
// Exit code 1: a violation was found; its seed, what is left of it after shrinking, and the command
// that shows it again are printed.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/probe.h"
#include "tests/sim/mutations.h"
#include "tests/sim/run.h"

namespace quorumcache::sim {
namespace {

struct Flags {
  uint64_t histories = 10'000;
  uint64_t from = 0;
  bool has_from = false;
  bool one_seed = false;
  bool probes = false;
  bool trace = false;
  std::string mutation;
};

void PrintUsage() {
  std::fprintf(stderr,
               "usage: qc-sim [--histories N] [--from SEED] [--seed SEED] [--trace] "
               "[--mutation NAME|list] [--probes]\n");
}

bool ParseNumber(const char* text, uint64_t* number) {
  return text != nullptr && absl::SimpleAtoi(text, number);
}

bool ParseFlags(int argc, char** argv, Flags* flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (flag == "--probes") {
      flags->probes = true;
      continue;
    }
    if (flag == "--trace") {
      flags->trace = true;
      continue;
    }
    ++i;
    if (flag == "--histories" && ParseNumber(value, &flags->histories)) continue;
    if (flag == "--mutation" && value != nullptr) {
      flags->mutation = value;
      continue;
    }
    if ((flag == "--from" || flag == "--seed") && ParseNumber(value, &flags->from)) {
      flags->has_from = true;
      flags->one_seed = flag == "--seed";
      continue;
    }
    return false;
  }
  return true;
}

void PrintVerdict(const Plan& plan, const Verdict& verdict) {
  std::printf("%s%s  state hash %016llx\n  %s\n", Describe(plan).c_str(),
              Describe(verdict.world.history).c_str(),
              static_cast<unsigned long long>(verdict.world.state_hash),
              verdict.ok() ? "ok" : verdict.violation.c_str());
}

void PrintFailure(uint64_t seed, const Flags& flags, const SimOptions& options) {
  const Plan plan = MakePlan(seed, options.aim);
  const Plan smallest = Shrink(plan, options);
  const Verdict verdict = RunPlan(smallest, options);
  std::printf("VIOLATION at seed %llu; shrunk from %zu operations and %zu faults:\n",
              static_cast<unsigned long long>(seed), plan.ops.size(), plan.faults.size());
  PrintVerdict(smallest, verdict);
  std::printf("replay: qc-sim --seed %llu%s%s\n", static_cast<unsigned long long>(seed),
              flags.mutation.empty() ? "" : " --mutation ", flags.mutation.c_str());
}

int RunOne(const Flags& flags, const SimOptions& options) {
  const Plan plan = MakePlan(flags.from, options.aim);
  SimOptions traced = options;
  traced.trace = flags.trace;
  const Verdict verdict = RunPlan(plan, traced);
  PrintVerdict(plan, verdict);
  if (!verdict.ok()) PrintFailure(flags.from, flags, options);
  return verdict.ok() ? 0 : 1;
}

void PrintProbes() {
  for (const base::Probe* probe : base::ReachedProbes()) {
    std::printf("probe %-44s %llu\n", std::string(probe->name()).c_str(),
                static_cast<unsigned long long>(probe->hits()));
  }
}

struct Totals {
  uint64_t histories = 0;
  uint64_t operations = 0;
  uint64_t messages = 0;
  uint64_t unknown = 0;
  uint64_t undecided = 0;
  uint64_t hash = 0;
  FaultCounts faults{};
};

void Add(const Verdict& verdict, Totals* totals) {
  ++totals->histories;
  totals->operations += verdict.world.operations;
  totals->messages += verdict.world.messages;
  totals->undecided += verdict.undecided;
  for (const ClientOp& op : verdict.world.history) {
    totals->unknown += op.outcome == ClientOutcome::kUnknown;
  }
  for (size_t i = 0; i < kFaultKinds; ++i) totals->faults[i] += verdict.world.faults[i];
  totals->hash = totals->hash * 31 + verdict.world.state_hash;
}

void PrintFaults(const FaultCounts& faults) {
  std::printf("faults:");
  for (size_t i = 0; i < kFaultKinds; ++i) {
    std::printf("%s %s %llu", i == 0 ? "" : ",", FaultName(static_cast<FaultKind>(i)),
                static_cast<unsigned long long>(faults[i]));
  }
  std::printf("\n");
}

int RunMany(const Flags& flags, const SimOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  std::printf("seeds %llu .. %llu\n", static_cast<unsigned long long>(flags.from),
              static_cast<unsigned long long>(flags.from + flags.histories - 1));
  Totals totals;
  int exit_code = 0;
  for (uint64_t i = 0; i < flags.histories && exit_code == 0; ++i) {
    const Verdict verdict = RunPlan(MakePlan(flags.from + i, options.aim), options);
    Add(verdict, &totals);
    if (verdict.ok()) continue;
    std::printf("after %llu histories\n", static_cast<unsigned long long>(i + 1));
    PrintFailure(flags.from + i, flags, options);
    exit_code = 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf(
      "%llu histories, %llu operations (%llu unknown), %llu messages, %llu undecided, "
      "%.1f s, %.0f operations/s, hash %016llx\n",
      static_cast<unsigned long long>(totals.histories),
      static_cast<unsigned long long>(totals.operations),
      static_cast<unsigned long long>(totals.unknown),
      static_cast<unsigned long long>(totals.messages),
      static_cast<unsigned long long>(totals.undecided), seconds.count(),
      static_cast<double>(totals.operations) / seconds.count(),
      static_cast<unsigned long long>(totals.hash));
  PrintFaults(totals.faults);
  return exit_code;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (!ParseFlags(argc, argv, &flags)) {
    PrintUsage();
    return 2;
  }
  if (flags.mutation == "list") {
    for (const NamedMutation& mutation : AllMutations()) std::printf("%s\n", mutation.name);
    return 0;
  }
  SimOptions options;
  if (!flags.mutation.empty()) {
    const NamedMutation* mutation = FindMutation(flags.mutation);
    if (mutation == nullptr) {
      std::fprintf(stderr, "no mutation %s; --mutation list\n", flags.mutation.c_str());
      return 2;
    }
    options = mutation->options;
  }
  if (!flags.has_from) flags.from = std::random_device{}() * uint64_t{1'000'000};
  const int exit_code = flags.one_seed ? RunOne(flags, options) : RunMany(flags, options);
  if (flags.probes) PrintProbes();
  return exit_code;
}

}  // namespace
}  // namespace quorumcache::sim

int main(int argc, char** argv) {
  return quorumcache::sim::Main(argc, argv);
}
