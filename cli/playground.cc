// SPDX-License-Identifier: Apache-2.0
#include "cli/playground.h"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/http_probe.h"
#include "cli/output.h"
#include "cli/playground_map.h"
#include "common/base/status_macros.h"
#include "common/runtime/free_ports.h"
#include "common/runtime/random_bits.h"
#include "common/topology_file/file_io.h"

namespace quorumcache::cli {
namespace {

// Between two looks at /readyz, and at the children; there is no event that covers both.
constexpr absl::Duration kReadyInterval = absl::Milliseconds(20);
constexpr absl::Duration kSuperviseInterval = absl::Milliseconds(100);
// A member that dies at once each time does not keep the machine busy.
constexpr absl::Duration kRestartDelay = absl::Seconds(1);
constexpr size_t kLogLinesShown = 15;
constexpr size_t kLayoutBytesMax = 1 << 20;

std::string LastLines(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  if (lines.size() > kLogLinesShown) lines.erase(lines.begin(), lines.end() - kLogLinesShown);
  return absl::StrJoin(lines, "\n  ");
}

}  // namespace

Playground::Playground(PlaygroundOptions options) : options_(std::move(options)) {}

Playground::~Playground() {
  Stop();
}

absl::Status Playground::PrepareDirectory() {
  QC_RETURN_IF_ERROR(MakeDirectory(InDir("logs")));
  absl::StatusOr<topology_file::FileLock> lock =
      topology_file::FileLock::Acquire(InDir("lock"), absl::ZeroDuration());
  if (!lock.ok()) {
    return absl::UnavailableError(
        absl::StrCat("another playground runs on ", options_.data_dir,
                     " (or it cannot be locked: ", lock.status().message(), ")"));
  }
  lock_.emplace(*std::move(lock));
  return absl::OkStatus();
}

absl::Status Playground::PrepareLayout() {
  runtime::PortPicker ports(runtime::RandomNonZero64());
  const absl::StatusOr<std::string> text =
      topology_file::ReadWholeFile(InDir("ports"), kLayoutBytesMax);
  if (text.ok()) {
    QC_ASSIGN_OR_RETURN(layout_, ParseLayout(*text));
  } else if (!absl::IsNotFound(text.status())) {
    return text.status();
  }
  QC_RETURN_IF_ERROR(CompleteLayout({.coordinator_count = options_.coordinators,
                                     .storage_node_count = options_.storage_nodes,
                                     .base_port = options_.base_port,
                                     .usual_ports = usual_ports_.held()},
                                    ports, layout_));
  QC_RETURN_IF_ERROR(CheckPortsAreFree(layout_, ports));
  return topology_file::ReplaceFile(InDir("ports"), FormatLayout(layout_));
}

absl::Status Playground::PrepareMap() {
  QC_ASSIGN_OR_RETURN(std::vector<PlaygroundMember> advertised,
                      Advertised(layout_.storage_nodes, options_.advertise));
  return EnsureMap(InDir("topology"), {.storage_nodes = std::move(advertised),
                                       .zones = options_.zones,
                                       .replication_factor = options_.replication_factor,
                                       .partitions = options_.partitions,
                                       .namespaces = options_.namespaces});
}

absl::Status Playground::PrepareStore() {
  topology_url_ = "file:" + InDir("topology");
  if (options_.topology != "etcd") return absl::OkStatus();
  std::vector<std::string> endpoints = options_.etcd_endpoints;
  if (endpoints.empty()) {
    QC_ASSIGN_OR_RETURN(PlaygroundEtcd etcd,
                        PlaygroundEtcd::Start(InDir("etcd"), InDir("logs/etcd.log")));
    etcd_.emplace(std::move(etcd));
    endpoints = {etcd_->endpoint()};
  }
  QC_ASSIGN_OR_RETURN(topology_url_, MoveMapToEtcd({.qcctl = options_.bin_dir + "/qcctl",
                                                    .map_file = InDir("topology"),
                                                    .log = InDir("logs/import.log"),
                                                    .endpoints = endpoints}));
  return absl::OkStatus();
}

void Playground::MakeProcesses() {
  const std::string& topology = topology_url_;
  for (const PlaygroundMember& node : layout_.storage_nodes) {
    processes_.push_back({.member = node,
                          .argv = {options_.bin_dir + "/qc-storage-node", "--node-id", node.name,
                                   "--listen", node.grpc, "--http-listen", node.http, "--data-dir",
                                   InDir(node.name), "--topology", topology}});
  }
  for (const PlaygroundMember& coordinator : layout_.coordinators) {
    processes_.push_back(
        {.member = coordinator,
         .is_coordinator = true,
         .argv = {options_.bin_dir + "/qc-coordinator", "--name", coordinator.name, "--listen",
                  coordinator.grpc, "--http-listen", coordinator.http, "--topology", topology}});
  }
}

absl::Status Playground::StartProcess(Process& process) {
  QC_ASSIGN_OR_RETURN(ChildProcess child, ChildProcess::Start(process.argv, LogOf(process)));
  process.child.emplace(std::move(child));
  process.reported = false;
  process.restart_at = absl::InfiniteFuture();
  return absl::OkStatus();
}

absl::Status Playground::Start() {
  QC_RETURN_IF_ERROR(PrepareDirectory());
  QC_RETURN_IF_ERROR(PrepareLayout());
  QC_RETURN_IF_ERROR(PrepareMap());
  QC_RETURN_IF_ERROR(PrepareStore());
  MakeProcesses();
  for (Process& process : processes_) QC_RETURN_IF_ERROR(StartProcess(process));
  return absl::OkStatus();
}

// OK: it lives, and is not ready yet.
absl::Status Playground::StillStarting(Process& process) {
  const std::optional<std::string> ended = process.child->Ended();
  if (!ended.has_value()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(process.member.name, " ended with ", *ended,
                                             " before it was ready; the end of ", LogOf(process),
                                             ":\n  ", LastLines(LogOf(process))));
}

absl::Status Playground::WaitUntilReady(runtime::ShutdownSignal& signal) {
  const absl::Time until = absl::Now() + options_.start_timeout;
  for (Process& process : processes_) {
    while (HttpStatusOf(process.member.http, "/readyz", absl::Seconds(1)) != 200) {
      QC_RETURN_IF_ERROR(StillStarting(process));
      if (absl::Now() > until) {
        return absl::DeadlineExceededError(
            absl::StrCat(process.member.name, " is not ready after ",
                         absl::FormatDuration(options_.start_timeout), "; the end of ",
                         LogOf(process), ":\n  ", LastLines(LogOf(process))));
      }
      if (signal.WaitFor(kReadyInterval) >= 0) return absl::CancelledError("stopped");
    }
  }
  return absl::OkStatus();
}

void Playground::LookAfter(Process& process) {
  const std::optional<std::string> ended = process.child->Ended();
  if (!ended.has_value()) return;
  if (!process.reported) {
    PrintError(absl::StrCat("qcctl: ", process.member.name, " (pid ", process.child->pid(),
                            ") ended with ", *ended,
                            options_.restart ? "; it is started again\n" : "\n"));
    process.reported = true;
    if (options_.restart) process.restart_at = absl::Now() + kRestartDelay;
  }
  if (absl::Now() < process.restart_at) return;
  if (const absl::Status status = StartProcess(process); !status.ok()) {
    PrintError(absl::StrCat("qcctl: ", status.message(), "\n"));
    process.restart_at = absl::Now() + kRestartDelay;
  }
}

void Playground::Supervise(runtime::ShutdownSignal& signal) {
  while (signal.WaitFor(kSuperviseInterval) < 0) {
    for (Process& process : processes_) LookAfter(process);
  }
}

void Playground::StopAll(bool coordinators) {
  for (Process& process : processes_) {
    if (process.is_coordinator == coordinators && process.child) process.child->Signal(SIGTERM);
  }
  const absl::Time until = absl::Now() + options_.stop_timeout;
  for (Process& process : processes_) {
    if (process.is_coordinator != coordinators || !process.child) continue;
    if (process.child->WaitForEnd(std::max(until - absl::Now(), absl::ZeroDuration()))) continue;
    PrintError(absl::StrCat("qcctl: ", process.member.name, " did not stop in time; killed\n"));
    process.child->Signal(SIGKILL);
    process.child->WaitForEnd(absl::InfiniteDuration());
  }
}

void Playground::Stop() {
  StopAll(/*coordinators=*/true);
  StopAll(/*coordinators=*/false);
  etcd_.reset();
}

std::vector<RunningMember> Playground::Members() const {
  std::vector<RunningMember> members;
  for (const Process& process : processes_) {
    members.push_back({.member = process.member,
                       .is_coordinator = process.is_coordinator,
                       .data_dir = process.is_coordinator ? "" : InDir(process.member.name),
                       .pid = process.child ? process.child->pid() : -1});
  }
  return members;
}

}  // namespace quorumcache::cli
