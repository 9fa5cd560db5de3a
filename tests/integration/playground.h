// SPDX-License-Identifier: Apache-2.0
// Playground: a real cluster of processes on loopback, started by `qcctl playground`, for tests to
// break.
//
// QC_BIN_DIR names the folder of the binaries (set by tests/integration/CMakeLists.txt).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/integration/process.h"

namespace quorumcache::integration {

struct Member {
  std::string id;  // storage nodes only
  std::string grpc;
  std::string http;
  std::string data_dir;  // storage nodes only
  pid_t pid = -1;
};

// A path in QC_BIN_DIR.
std::string Binary(const std::string& name);

// Thread-compatible.
class Playground {
 public:
  // Starts 3 storage nodes and 2 coordinators on `data_dir` and waits until all are ready.
  // `extra` goes to `qcctl playground` as it is.
  static absl::StatusOr<std::unique_ptr<Playground>> Start(const std::string& data_dir,
                                                           std::vector<std::string> extra = {});
  // The same in two steps: between them the members are on their way, and `data_dir`/ports tells
  // where they will be.
  static absl::StatusOr<std::unique_ptr<Playground>> Launch(const std::string& data_dir,
                                                            std::vector<std::string> extra = {});
  absl::Status WaitUntilStarted();
  // kill -9 for all that is left.
  ~Playground();

  // kill -9, and waits until it is gone.
  void Kill(const Member& member);
  // SIGSTOP, and waits until it has stopped; and SIGCONT.
  void Pause(const Member& member);
  void Resume(const Member& member);
  // Starts what was killed again with the same command line, and waits until it is ready.
  absl::Status Restart(Member& member);
  // Only starts it: for members that cannot become ready.
  absl::Status RestartWithoutWaiting(Member& member);
  // What was killed, started again with an empty data directory; waits until it says that it waits
  // to be replaced.
  absl::Status RestartWiped(Member& node);
  // kill -9 for every process, qcctl included, at once.
  void KillEverything();
  // Starts one more storage node process on the cluster's map, with a directory of its own, and
  // waits until it says that it waits to be added. It is storage_nodes().back().
  absl::Status StartNode(const std::string& id, const std::vector<std::string>& flags = {});
  // What a qcctl that talks to this cluster says.
  CommandResult Qcctl(const std::vector<std::string>& arguments) const;
  // SIGTERM to qcctl, as Ctrl-C does; its exit code.
  absl::StatusOr<int> StopCleanly();

  std::vector<Member>& storage_nodes() { return storage_nodes_; }
  std::vector<Member>& coordinators() { return coordinators_; }
  std::vector<std::string> Endpoints() const;

 private:
  Playground(Process qcctl, std::string data_dir)
      : qcctl_(std::move(qcctl)), data_dir_(std::move(data_dir)) {}
  absl::Status ReadMembers(const std::string& json);
  // That of the first storage node: a file, or an etcd.
  std::string TopologyUrl() const;

  Process qcctl_;
  const std::string data_dir_;
  std::vector<Member> storage_nodes_;
  std::vector<Member> coordinators_;
  std::map<std::string, std::vector<std::string>> command_lines_;  // by gRPC address
  std::vector<Process> restarted_;
};

// Polls http://ADDRESS/readyz until it answers 200.
absl::Status WaitUntilReady(const Member& member);

// Polls the coordinator's /v1/cluster/nodes until exactly `count` storage nodes are up for it.
absl::Status WaitUntilNodesUp(const Member& coordinator, size_t count);
inline absl::Status WaitUntilAllNodesUp(const Member& coordinator) {
  return WaitUntilNodesUp(coordinator, 3);
}

}  // namespace quorumcache::integration
