// SPDX-License-Identifier: Apache-2.0
// qc-sim: runs histories until one is wrong. PrintUsage says how; docs/TESTING.md#simulator, what
// it is.
//
// Exit code 1: a violation was found; its seed, what is left of it after shrinking, and the command
// that shows it again are printed.
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "common/base/probe.h"
#include "tests/history/json_lines.h"
#include "tests/sim/mutations.h"
#include "tests/sim/report.h"
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
  bool help = false;
  std::string mutation;
  std::string dump;
};

void PrintUsage() {
  std::cout
      << "qc-sim [--histories N] [--from SEED]  seeds SEED, SEED + 1, ...; the first is drawn and\n"
         "                                      printed unless given; default 10000 histories\n"
         "qc-sim --seed SEED                    one history, told in full, with its state hash\n"
         "  --trace                             ... and every message\n"
         "  --dump FILE                         ... and as JSON lines; - for standard output\n"
         "  --mutation NAME                     with a planted bug; `list` lists them\n"
         "  --probes                            how often each rare branch was reached\n"
         "Exit code: 0 all histories are fine, 1 one is not, 2 usage.\n";
}

bool ParseNumber(const char* text, uint64_t* number) {
  return text != nullptr && absl::SimpleAtoi(text, number);
}

// True when `flag` is one that stands alone.
bool ParseSwitch(const std::string& flag, Flags* flags) {
  if (flag == "--probes") return flags->probes = true;
  if (flag == "--trace") return flags->trace = true;
  if (flag == "--help") return flags->help = true;
  return false;
}

bool ParseFlag(const std::string& flag, const char* value, Flags* flags) {
  if (flag == "--histories") return ParseNumber(value, &flags->histories);
  if (flag == "--from" || flag == "--seed") {
    flags->has_from = true;
    flags->one_seed = flag == "--seed";
    return ParseNumber(value, &flags->from);
  }
  if (value == nullptr) return false;
  if (flag == "--mutation") {
    flags->mutation = value;
    return true;
  }
  if (flag == "--dump") {
    flags->dump = value;
    return true;
  }
  return false;
}

bool ParseFlags(int argc, char** argv, Flags* flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (ParseSwitch(flag, flags)) continue;
    ++i;
    if (!ParseFlag(flag, i < argc ? argv[i] : nullptr, flags)) return false;
  }
  return flags->dump.empty() || flags->one_seed;
}

bool Dump(const History& history, const std::string& path) {
  if (path == "-") {
    std::cout << history::ToJsonLines(history);
    return true;
  }
  std::ofstream file(path);
  file << history::ToJsonLines(history);
  file.close();
  return file.good();
}

int RunOne(const Flags& flags, const SimOptions& options) {
  const Plan plan = MakePlan(flags.from, options.aim);
  SimOptions traced = options;
  traced.trace = flags.trace;
  const Verdict verdict = RunPlan(plan, traced);
  const bool to_stdout = flags.dump == "-";
  (to_stdout ? std::cerr : std::cout) << Describe(plan, verdict);
  if (!flags.dump.empty() && !Dump(verdict.world.history, flags.dump)) {
    std::cerr << "cannot write " << flags.dump << "\n";
    return 2;
  }
  if (verdict.ok()) return 0;
  (to_stdout ? std::cerr : std::cout) << DescribeFailure(flags.from, flags.mutation, options);
  return 1;
}

void PrintProbes() {
  for (const base::Probe* probe : base::AllProbes()) {
    std::cout << "probe " << probe->name() << " "
              << (probe->hits() == 0 ? "NEVER REACHED" : std::to_string(probe->hits())) << "\n";
  }
}

double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int RunMany(const Flags& flags, const SimOptions& options) {
  const double begin = CpuSeconds();
  std::cout << "seeds " << flags.from << " .. " << flags.from + flags.histories - 1 << std::endl;
  Totals totals;
  int exit_code = 0;
  for (uint64_t i = 0; i < flags.histories && exit_code == 0; ++i) {
    const Verdict verdict = RunPlan(MakePlan(flags.from + i, options.aim), options);
    totals.Add(verdict);
    if (verdict.ok()) continue;
    std::cout << "after " << i + 1 << " histories\n"
              << DescribeFailure(flags.from + i, flags.mutation, options);
    exit_code = 1;
  }
  std::cout << Describe(totals, CpuSeconds() - begin) << Describe(totals.faults)
            << Describe(totals.steps);
  return exit_code;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (!ParseFlags(argc, argv, &flags) || flags.help) {
    PrintUsage();
    return flags.help ? 0 : 2;
  }
  if (flags.mutation == "list") {
    for (const NamedMutation& mutation : AllMutations()) std::cout << mutation.name << "\n";
    return 0;
  }
  SimOptions options;
  if (!flags.mutation.empty()) {
    const NamedMutation* mutation = FindMutation(flags.mutation);
    if (mutation == nullptr) {
      std::cerr << "no mutation " << flags.mutation << "; --mutation list\n";
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
