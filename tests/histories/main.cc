// SPDX-License-Identifier: Apache-2.0
// qc-histories: workloads on real processes under faults, judged by the checkers of the simulator.
//
//   qc-histories --runs 100 --seconds 20 --jobs 4      until all are done; prints a line a run
//   qc-histories --seed 4711 --runs 1 --dump           the same workloads and faults again
//   qc-histories --runs 20 --shape                     nodes join, leave and are replaced meanwhile
//   qc-histories --runs 20 --packets                   packets are lost below TCP (root)
//   qc-histories --runs 1 --weak                       with consistency ONE: is found out
// Exit code 1: a violation was found; its history is written down and its seed is printed. What a
// real machine does between two steps is not the seed's to say: a run repeated is a run like it.
#include <cstdio>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/rpc/grpc_log.h"
#include "common/runtime/config.h"
#include "common/runtime/logging.h"
#include "tests/histories/dump.h"
#include "tests/histories/packet_filter.h"
#include "tests/histories/run.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::histories {
namespace {

struct Flags {
  uint32_t runs = 1;
  uint32_t jobs = 1;
  absl::Duration length = absl::Seconds(20);
  uint64_t seed = 0;
  uint32_t clients = 9;
  bool weak = false;
  bool no_faults = false;
  bool shape = false;
  bool etcd = false;
  bool packets = false;
  bool dump = false;
  std::string out = ".";
};

void AddOptions(Flags& flags, runtime::Options& options) {
  options.AddInteger("runs", &flags.runs, 1u, 1'000'000u, {.help = "How many runs."});
  options.AddInteger("jobs", &flags.jobs, 1u, 64u, {.help = "Runs at a time."});
  options.AddDuration("seconds", &flags.length, absl::Seconds(1), absl::Hours(1),
                      {.help = "Length of a run, beside starting, healing and checking."});
  options.AddInteger("seed", &flags.seed, uint64_t{0}, uint64_t{1} << 62,
                     {.help = "Of the first run, the others count up from it; 0: a fresh one."});
  options.AddInteger("clients", &flags.clients, 1u, 60u, {.help = "Clients of a run."});
  options.AddBool("weak", &flags.weak,
                  {.help = "Consistency ONE for everything, which breaks the promises: to see that "
                           "violations are found."});
  options.AddBool("no-faults", &flags.no_faults, {.help = "Leaves the cluster in peace."});
  options.AddBool("shape", &flags.shape,
                  {.help = "Instead of the other faults: nodes join, leave and are replaced, and "
                           "what they need for it is killed meanwhile."});
  options.AddBool("etcd", &flags.etcd, {.help = "The map is in an etcd of three members."});
  options.AddBool("packets", &flags.packets,
                  {.help = "In a network namespace of its own, where iptables loses packets "
                           "between the members (root)."});
  options.AddBool("dump", &flags.dump, {.help = "Write down every history, not only wrong ones."});
  options.AddString("out", &flags.out,
                    {.help = "Where histories are written down.", .value_name = "DIR"});
}

class Session {
 public:
  explicit Session(const Flags& flags) : flags_(flags) {
    std::random_device device;
    if (flags_.seed == 0) flags_.seed = device() | 1u;
  }

  int Go() {
    std::printf("seeds %llu to %llu\n", static_cast<unsigned long long>(flags_.seed),
                static_cast<unsigned long long>(flags_.seed + flags_.runs - 1));
    std::vector<std::thread> workers;
    for (uint32_t i = 0; i < flags_.jobs; ++i) workers.emplace_back([this] { Work(); });
    for (std::thread& worker : workers) worker.join();
    std::printf("%u runs of %s: %s; %u runs with violations, %u did not run\n", done_,
                absl::FormatDuration(flags_.length).c_str(), Summary(total_).c_str(), wrong_,
                failed_);
    const bool fails = FailsTooOften(total_);
    if (fails) std::printf("too many operations without contention failed\n");
    return wrong_ + failed_ == 0 && !fails ? 0 : 1;
  }

 private:
  void Work() {
    while (true) {
      uint32_t index;
      {
        base::MutexLock lock(mutex_);
        if (next_ == flags_.runs) return;
        index = next_++;
      }
      const uint64_t seed = flags_.seed + index;
      support::TempDir directory;
      Report(seed, RunOnce({.seed = seed,
                            .length = flags_.length,
                            .clients = static_cast<int>(flags_.clients),
                            .faults = !flags_.no_faults,
                            .shapes = flags_.shape ? AllShapeKinds() : std::vector<ShapeKind>(),
                            .with_etcd = flags_.etcd,
                            .drops_packets = flags_.packets,
                            .weak = flags_.weak},
                           directory.File("cluster")));
    }
  }

  void Report(uint64_t seed, const absl::StatusOr<RunReport>& report) {
    base::MutexLock lock(mutex_);
    if (!report.ok()) {
      ++failed_;
      std::printf("seed %llu: no run: %s\n", static_cast<unsigned long long>(seed),
                  report.status().ToString().c_str());
      return;
    }
    ++done_;
    wrong_ += !report->ok();
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), Summary(*report).c_str());
    if (flags_.dump || !report->ok()) {
      const auto path = DumpHistory(*report, seed, flags_.out);
      std::printf("history: %s\n", path.ok() ? path->c_str() : path.status().ToString().c_str());
    }
    for (const std::string& failure : report->lone_failures) std::printf("  %s\n", failure.c_str());
    std::printf("%s", Explain(*report, seed, RepeatOptions()).c_str());
    std::fflush(stdout);
    Sum(*report);
  }

  std::string RepeatOptions() const {
    return absl::StrCat(" --seconds ", absl::FormatDuration(flags_.length), " --clients ",
                        flags_.clients, flags_.weak ? " --weak" : "",
                        flags_.no_faults ? " --no-faults" : "", flags_.shape ? " --shape" : "",
                        flags_.etcd ? " --etcd" : "", flags_.packets ? " --packets" : "");
  }

  void Sum(const RunReport& report) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    total_.totals.Add(report.totals);
    total_.keys += report.keys;
    total_.lone_operations += report.lone_operations;
    total_.lone_failed += report.lone_failed;
    total_.lone_cut_off += report.lone_cut_off;
    total_.undecided.insert(total_.undecided.end(), report.undecided.begin(),
                            report.undecided.end());
    total_.lost += report.lost;
    total_.doubled += report.doubled;
    total_.operations += report.operations;
    total_.faults.insert(total_.faults.end(), report.faults.begin(), report.faults.end());
    total_.violations.insert(total_.violations.end(), report.violations.begin(),
                             report.violations.end());
  }

  Flags flags_;
  base::Mutex mutex_;
  uint32_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t done_ = 0;
  uint32_t wrong_ = 0;
  uint32_t failed_ = 0;
  RunReport total_;
};

int Main(int argc, char** argv) {
  Flags flags;
  runtime::Options options;
  AddOptions(flags, options);
  bool help = false;
  options.AddBool("help", &help, {.help = "Prints this."});
  const auto rest = runtime::ApplyArguments({argv + 1, argv + argc}, options);
  if (!rest.ok() || !rest->empty() || help) {
    const std::string why = rest.ok() ? "" : std::string(rest.status().message());
    std::fprintf(stderr, "%s\nqc-histories: histories of real processes under faults\n\n%s",
                 why.c_str(), runtime::PrintOptionsHelp(options).c_str());
    return help ? 0 : 2;
  }
  if (flags.packets) {
    const absl::Status entered = EnterPrivateNetwork();
    if (!entered.ok()) {
      std::fprintf(stderr, "NOT RUN, no packets can be lost here: %s\n",
                   entered.ToString().c_str());
      return 77;
    }
  }
  return Session(flags).Go();
}

}  // namespace
}  // namespace quorumcache::histories

int main(int argc, char** argv) {
  quorumcache::runtime::InitLogging("qc-histories", "error");
  quorumcache::rpc::SendGrpcLogToGlog();
  return quorumcache::histories::Main(argc, argv);
}
