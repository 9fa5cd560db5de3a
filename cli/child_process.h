// SPDX-License-Identifier: Apache-2.0
// ChildProcess: a server that qcctl has started, and that does not outlive it.
//
// Only for a process that has not started gRPC and has one thread: it forks.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quorumcache::cli {

// Thread-compatible.
class ChildProcess {
 public:
  // Starts argv[0] (a path) with its output appended to the file `log`. It is killed (SIGKILL) when
  // this process dies, however that happens; a Ctrl-C at the terminal does not reach it, so that
  // the parent decides in which order its children stop.
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& argv,
                                            const std::string& log);

  pid_t pid() const { return pid_; }
  // "exit code 1", "signal 9 (Killed)"; nullopt: it runs. Reaps.
  std::optional<std::string> Ended();
  // Does nothing to one that has ended.
  void Signal(int signal);
  // Waits for the end; false: it still runs after `timeout`.
  bool WaitForEnd(absl::Duration timeout);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::optional<std::string> ended_;
};

}  // namespace quorumcache::cli
