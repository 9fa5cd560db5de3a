// SPDX-License-Identifier: Apache-2.0
// Playground: a whole cluster on this machine, as processes, in the foreground.
//
// DIR/topology   the cluster map (common/topology_file)      DIR/n1, n2, ...   the storage nodes'
// data DIR/ports      where everybody listens                     DIR/logs/NAME.log their output
// DIR/lock       held while a playground runs on DIR
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/child_process.h"
#include "cli/playground_etcd.h"
#include "cli/playground_layout.h"
#include "cli/usual_ports_token.h"
#include "common/base/limits.h"
#include "common/runtime/shutdown_signal.h"
#include "common/topology_file/file_lock.h"

namespace quorumcache::cli {

struct PlaygroundOptions {
  std::string data_dir;
  // Where qc-coordinator and qc-storage-node are.
  std::string bin_dir;
  uint32_t storage_nodes = 3;
  uint32_t coordinators = 2;
  uint32_t zones = 1;
  uint32_t replication_factor = 3;
  uint32_t partitions = limits::kPartitionsDefault;
  uint16_t base_port = 0;
  std::vector<std::string> namespaces;
  // "file", or "etcd": at these endpoints (HOST:PORT), or, where there are none, one of our own.
  std::string topology = "file";
  std::vector<std::string> etcd_endpoints;
  // NODE=HOST:PORT: what the map says of a storage node, where that is not where it listens.
  std::vector<std::string> advertise;
  // Starts members that died again.
  bool restart = false;
  absl::Duration start_timeout = absl::Seconds(60);
  // SIGTERM to SIGKILL.
  absl::Duration stop_timeout = absl::Seconds(10);
};

// What one member shows of itself.
struct RunningMember {
  PlaygroundMember member;
  bool is_coordinator = false;
  // Storage nodes only.
  std::string data_dir;
  pid_t pid = -1;
};

// Thread-compatible; the process may have no other threads and must not have started gRPC.
class Playground {
 public:
  explicit Playground(PlaygroundOptions options);
  // Stops everything, if Stop has not.
  ~Playground();

  // Makes the cluster, or finds it, and starts all members. FAILED_PRECONDITION, UNAVAILABLE,
  // NOT_FOUND: why not, and what to do.
  absl::Status Start();
  // Until all are ready. CANCELLED: a signal came first; UNAVAILABLE: a member died, with the end
  // of its log; DEADLINE_EXCEEDED: who is not ready.
  absl::Status WaitUntilReady(runtime::ShutdownSignal& signal);
  // Until a signal; reports members that die (and starts them again, where asked to).
  void Supervise(runtime::ShutdownSignal& signal);
  // Coordinators first, so that nobody asks storage nodes that are going away.
  void Stop();

  std::vector<RunningMember> Members() const;

 private:
  struct Process {
    PlaygroundMember member;
    bool is_coordinator = false;
    std::vector<std::string> argv;
    std::optional<ChildProcess> child;
    bool reported = false;
    absl::Time restart_at = absl::InfiniteFuture();
  };

  absl::Status PrepareDirectory();
  absl::Status PrepareLayout();
  absl::Status PrepareMap();
  // What --topology of the members says, once the map is there.
  absl::Status PrepareStore();
  void MakeProcesses();
  absl::Status StartProcess(Process& process);
  absl::Status StillStarting(Process& process);
  void LookAfter(Process& process);
  void StopAll(bool coordinators);
  std::string InDir(const std::string& name) const { return options_.data_dir + "/" + name; }
  std::string LogOf(const Process& process) const {
    return InDir("logs/" + process.member.name + ".log");
  }

  PlaygroundOptions options_;
  UsualPortsToken usual_ports_;
  std::optional<topology_file::FileLock> lock_;
  PlaygroundLayout layout_;
  std::string topology_url_;
  std::optional<PlaygroundEtcd> etcd_;
  std::vector<Process> processes_;
};

}  // namespace quorumcache::cli
