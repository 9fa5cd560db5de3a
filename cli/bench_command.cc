// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_command.h"

#include "absl/strings/str_cat.h"
#include "cli/bench_report.h"
#include "cli/cpu_meter.h"
#include "cli/key_filler.h"
#include "cli/load_runner.h"
#include "cli/write_options.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/runtime/real_clock.h"

namespace quorumcache::cli {
namespace {

// "mixed" is the prototype's mixture; a, b and c are YCSB's (Cooper et al., "Benchmarking cloud
// serving systems with YCSB", 2010).
double WriteShareOf(const std::string& workload) {
  if (workload == "set" || workload == "incr" || workload == "cas") return 1;
  if (workload == "mixed") return 0.2;
  if (workload == "a") return 0.5;
  return workload == "b" ? 0.05 : 0;
}

LoadKind WriteOf(const std::string& workload) {
  if (workload == "incr") return LoadKind::kIncrement;
  return workload == "cas" ? LoadKind::kCompareAndSet : LoadKind::kSet;
}

class BenchCommand final : public Command {
 public:
  void AddOptions(runtime::Options& options) override {
    options.AddList("endpoints", &door_options_.endpoints,
                    {.help = "Coordinators to call, HOST:PORT,... (gRPC); unary clients take "
                             "turns among them.",
                     .value_name = "LIST",
                     .short_name = 'e'});
    AddLoadOptions(options);
    options.AddChoice("door", &door_, {"unary", "pipeline"},
                      {.help = "One RPC an operation, or all that is pending in one message."});
    options.AddString("namespace", &door_options_.name_space,
                      {.help = "Where the keys live.", .short_name = 'n'});
    options.AddInteger("value-size", &door_options_.value_size, size_t{0},
                       limits::kValueSizeBytesMaxCeiling, {.help = "Bytes of a value."});
    options.AddChoice("durability", &write_.durability, {"wal", "fsync"},
                      {.help = "What a replica has done before it says yes."});
    options.AddChoice("consistency", &key_.consistency, {"default", "one", "quorum", "all"},
                      {.help = "How many replicas must agree."});
    options.AddDuration("timeout", &door_options_.timeout, absl::ZeroDuration(), absl::Minutes(1),
                        {.help = "Of one operation; 0: only the cluster's own."});
    options.AddDuration("duration", &duration_, absl::Milliseconds(10), absl::Hours(24),
                        {.help = "How long to measure."});
    options.AddDuration("warmup", &warmup_, absl::ZeroDuration(), absl::Hours(1),
                        {.help = "How long to run before measuring."});
    options.AddBool("fill", &fill_,
                    {.help = "Store all keys first; --fill=false: they are there."});
    options.AddList("pids", &pids_,
                    {.help = "Processes whose CPU time is counted too.", .value_name = "PID,..."});
    output_.AddTo(options);
  }

  absl::Status Run(const std::vector<std::string>&) override {
    door_options_.durability = write_.level();
    door_options_.consistency = key_.level();
    door_options_.slot_count = load_.outstanding;
    load_.write_share = WriteShareOf(workload_);
    load_.write = WriteOf(workload_);
    load_.distribution =
        distribution_ == "zipfian" ? KeyDistribution::kZipfian : KeyDistribution::kUniform;
    QC_ASSIGN_OR_RETURN(CpuMeter cpu, CpuMeter::Make(pids_));
    // Counters begin at nothing; the values of the others are no numbers.
    const bool fill = fill_ && load_.write != LoadKind::kIncrement;
    if (fill) QC_RETURN_IF_ERROR(FillKeys(door_options_, load_.key_count, load_.key_size));
    LoadRunner runner(load_, [this] { return clock_.Read().monotonic.nanos(); });
    QC_ASSIGN_OR_RETURN(const std::unique_ptr<LoadDoor> door, MakeDoor(runner));
    runner.Run(*door, absl::ToInt64Nanoseconds(warmup_));
    const base::MonotonicTime start = clock_.Read().monotonic;
    cpu.Start();
    runner.Run(*door, absl::ToInt64Nanoseconds(duration_));
    const std::vector<ProcessCpu> spent = cpu.Read();
    PrintOut(FormatBench(output_.form(), {.workload = workload_,
                                          .door = door_,
                                          .outstanding = load_.outstanding,
                                          .rate = load_.rate,
                                          .duration = clock_.Read().monotonic - start,
                                          .counts = runner.counts(),
                                          .cpu = spent}));
    if (runner.counts().succeeded > 0) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("no operation succeeded: ", runner.counts().errors.Text()));
  }

 private:
  void AddLoadOptions(runtime::Options& options) {
    options.AddChoice(
        "workload", &workload_, {"get", "set", "incr", "cas", "mixed", "a", "b", "c"},
        {.help = "incr, cas: Increment, CompareAndSet; mixed: 80% GET; a, b, c: YCSB's 50%, "
                 "95%, 100% GET; --keys=1: all clients on one key.",
         .short_name = 'w'});
    options.AddInteger("outstanding", &load_.outstanding, size_t{1}, size_t{100'000},
                       {.help = "Operations under way at once; with --rate, at most."});
    options.AddDouble("rate", &load_.rate, 0, 1e7,
                      {.help = "Operations a second to start, whatever the cluster does; 0: the "
                               "next one starts when one ends."});
    options.AddChoice("distribution", &distribution_, {"uniform", "zipfian"},
                      {.help = "Which keys: all alike, or Zipf's law with 0.99."});
    options.AddInteger("keys", &load_.key_count, uint64_t{1}, uint64_t{100'000'000},
                       {.help = "How many different keys."});
    options.AddInteger("key-size", &load_.key_size, size_t{16}, limits::kKeySizeBytesMax,
                       {.help = "Bytes of a key."});
    options.AddInteger("seed", &load_.seed, uint64_t{0}, uint64_t{1} << 62,
                       {.help = "Of the choice of keys."});
  }

  absl::StatusOr<std::unique_ptr<LoadDoor>> MakeDoor(LoadHandler& handler) const {
    if (door_ == "unary") return MakeUnaryDoor(door_options_, handler);
    return MakePipelineDoor(door_options_, handler);
  }

  DoorOptions door_options_{.endpoints = {"127.0.0.1:7401"}, .name_space = "default"};
  LoadOptions load_;
  KeyOptions key_;
  WriteOptions write_;
  std::string workload_ = "mixed";
  std::string door_ = "unary";
  std::string distribution_ = "uniform";
  absl::Duration duration_ = absl::Seconds(10);
  absl::Duration warmup_ = absl::Milliseconds(500);
  bool fill_ = true;
  std::vector<std::string> pids_;
  OutputOption output_{"table"};
  const runtime::RealClock clock_{};
};

}  // namespace

std::unique_ptr<Command> MakeBench() {
  return std::make_unique<BenchCommand>();
}

}  // namespace quorumcache::cli
