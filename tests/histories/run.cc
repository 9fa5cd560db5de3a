// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/run.h"

#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "tests/histories/cluster.h"
#include "tests/histories/verdict.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

// Clients do a burst of steps, then think.
constexpr uint64_t kBurstMax = 12;
constexpr uint64_t kThinkMaxMs = 120;
// For so long all clients that are not on their own do the same.
constexpr absl::Duration kTogether = absl::Milliseconds(150);
// A key must be readable when all has healed; each try takes up to a second.
constexpr int kFinalTriesMax = 20;
// While the shape changes: few enough that a change takes seconds, many enough to have a middle.
constexpr int kShapePartitions = 32;

// Ends all rests at once.
class Ending {
 public:
  // False: it is over.
  bool Rest(absl::Duration duration) {
    const absl::Time until = absl::Now() + duration;
    base::MutexLock lock(mutex_);
    while (!over_ && absl::Now() < until) changed_.WaitFor(mutex_, until - absl::Now());
    return !over_;
  }
  bool IsOver() {
    base::MutexLock lock(mutex_);
    return over_;
  }
  void End() {
    base::MutexLock lock(mutex_);
    over_ = true;
    changed_.NotifyAll();
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
};

class Run {
 public:
  Run(const RunOptions& options, Cluster& cluster)
      : options_(options), cluster_(cluster), random_(options.seed), workloads_(AllWorkloads()) {
    if (options.shapes.empty()) return;
    workloads_.push_back(MakeLoneKeys());
    workloads_.push_back(MakeStillKeys());
  }

  absl::StatusOr<RunReport> Go() {
    MakeClients();
    for (const auto& workload : workloads_) workload->Prepare(*clients_[0], recorder_);
    std::vector<std::thread> threads;
    for (auto& client : clients_) threads.emplace_back([&] { RunClient(*client); });
    const absl::Status mended = Break();
    ending_.End();
    for (std::thread& thread : threads) thread.join();
    if (!mended.ok()) return Annotate(mended);
    QC_RETURN_IF_ERROR(cluster_.Heal());
    return Judge();
  }

 private:
  // A third each: gRPC as it is, HTTP, and our C++ client.
  void MakeClients() {
    for (int i = 0; i < options_.clients; ++i) {
      std::vector<std::unique_ptr<Door>> doors;
      if (i % 3 == 0) {
        for (const std::string& door : cluster_.GrpcAddresses()) {
          doors.push_back(MakeGrpcDoor(door));
        }
      } else if (i % 3 == 1) {
        for (const std::string& door : cluster_.HttpAddresses()) {
          doors.push_back(MakeHttpDoor(door));
        }
      } else {
        doors.push_back(MakeClientDoor(cluster_.GrpcAddresses()));
      }
      clients_.push_back(
          std::make_unique<Client>(random_.Next(), std::move(doors), i % 3 != 1, recorder_));
      if (options_.weak) clients_.back()->MakeWeak();
    }
  }

  // Until the time is up and every kind of fault has been.
  absl::Status Break() {
    const absl::Time end = absl::Now() + options_.length;
    const auto rest = [&](absl::Duration duration) {
      ending_.Rest(duration);
      return absl::Now() < end;
    };
    if (!options_.shapes.empty()) {
      QC_RETURN_IF_ERROR(RunShapes(options_.seed, options_.shapes, cluster_, rest, &begun_));
    } else if (options_.faults) {
      const std::vector<Fault> faults =
          PlanFaults(options_.seed, options_.length,
                     options_.drops_packets ? PacketFaultKinds() : options_.fault_kinds);
      QC_RETURN_IF_ERROR(RunFaults(faults, cluster_, rest, &begun_));
    }
    rest(end - absl::Now());
    return absl::OkStatus();
  }

  void RunClient(Client& client) {
    const absl::Time start = absl::Now();
    while (true) {
      const bool alone = client.random().OneIn(3);
      const uint64_t burst = client.random().Uniform(kBurstMax) + 1;
      const uint64_t own = client.random().Uniform(workloads_.size());
      for (uint64_t i = 0; i < burst && !ending_.IsOver(); ++i) {
        const auto turn = static_cast<uint64_t>((absl::Now() - start) / kTogether);
        const uint64_t together = (turn * 7 + options_.seed) % workloads_.size();
        workloads_[alone ? own : together]->Step(client, recorder_);
      }
      const auto think_ms = static_cast<int64_t>(client.random().Uniform(kThinkMaxMs));
      if (!ending_.Rest(absl::Milliseconds(think_ms))) return;
    }
  }

  absl::Status Annotate(const absl::Status& status) const {
    return absl::Status(status.code(), absl::StrCat(status.message(), "; faults so far:\n  ",
                                                    absl::StrJoin(begun_, "\n  ")));
  }

  // The same question, by a new reader, until there is an answer.
  Done ReadAgain(Client& reader, const std::string& key) {
    Done done;
    for (int i = 0; i < kFinalTriesMax && !done.ok(); ++i) {
      done = reader.Perform({.kind = history::ClientOpKind::kGet, .key = key});
      recorder_.Add(done.op);
    }
    return done;
  }

  absl::StatusOr<RunReport> Judge() {
    RunReport report;
    for (const auto& client : clients_) report.totals.Add(client->totals());
    // Every coordinator, by both doors in turn.
    std::vector<std::unique_ptr<Door>> grpc;
    for (const std::string& address : cluster_.GrpcAddresses()) {
      grpc.push_back(MakeGrpcDoor(address));
    }
    std::vector<std::unique_ptr<Door>> http;
    for (const std::string& address : cluster_.HttpAddresses()) {
      http.push_back(MakeHttpDoor(address));
    }
    Client by_grpc(random_.Next(), std::move(grpc), true, recorder_);
    Client by_http(random_.Next(), std::move(http), false, recorder_);
    FinalReads last;
    for (const auto& workload : workloads_) {
      for (const std::string& key : workload->Keys()) {
        ReadAgain(by_http, key);
        last[key] = ReadAgain(by_grpc, key);
      }
    }
    report.faults = begun_;
    report.history = recorder_.Take();
    report.operations = report.history.size();
    CheckRun(workloads_, last, &report);
    CountFailures(&report);
    return report;
  }

  void CountFailures(RunReport* report) const {
    for (const auto& workload : workloads_) {
      if (workload->IsContended()) continue;
      report->lone_operations += workload->counts().operations;
      report->lone_failed += workload->counts().failed;
      report->lone_cut_off += workload->counts().cut_off;
      for (const std::string& failure : workload->Failures())
        report->lone_failures.push_back(failure);
    }
  }

  const RunOptions options_;
  Cluster& cluster_;
  base::Random random_;
  std::vector<std::unique_ptr<Workload>> workloads_;
  Recorder recorder_;
  Ending ending_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::string> begun_;
};

}  // namespace

absl::StatusOr<RunReport> RunOnce(const RunOptions& options, const std::string& data_dir) {
  const ClusterOptions shape{.partitions = options.shapes.empty() ? 0 : kShapePartitions,
                             .with_etcd = options.with_etcd,
                             .is_direct = options.drops_packets};
  QC_ASSIGN_OR_RETURN(const std::unique_ptr<Cluster> cluster, Cluster::Start(data_dir, shape));
  return Run(options, *cluster).Go();
}

bool FailsTooOften(const RunReport& report) {
  constexpr uint64_t kOperationsPerFailure = 1000;
  constexpr uint64_t kOperationsJudged = 10'000;
  const uint64_t failed = report.lone_failed - report.lone_cut_off;
  return report.lone_operations >= kOperationsJudged &&
         failed * kOperationsPerFailure > report.lone_operations;
}

std::string Summary(const RunReport& report) {
  std::string errors;
  for (const auto& [reason, count] : report.totals.errors) {
    absl::StrAppend(&errors, " ", reason.empty() ? "transport" : reason, "=", count);
  }
  return absl::StrCat(
      report.operations, " operations on ", report.keys, " keys, ",
      report.totals.acknowledged_writes, " acknowledged writes, ", report.totals.unknown_writes,
      " unknown, ", report.totals.failed, " failed (", report.lone_failed, " of ",
      report.lone_operations, " without contention, ", report.lone_cut_off, " of them cut off), ",
      report.totals.retries, " retries, ", report.faults.size(), " faults, ", report.lost,
      " keys that lost writes, ", report.doubled, " keys that counted twice, ",
      report.undecided.size(), " keys undecided (", absl::StrJoin(report.undecided, " "), "), ",
      report.violations.size(), " violations; errors:", errors);
}

}  // namespace quorumcache::histories
