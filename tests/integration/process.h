// SPDX-License-Identifier: Apache-2.0
// Process: a child process of a test, with its output; killed and reaped with its owner.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quorumcache::integration {

// Thread-compatible. Only ever signals the process it started, by pid.
class Process {
 public:
  // Starts argv[0] (a path). Standard output can be read; standard error goes to that of the test.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& argv);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  // kill -9 and reap, where that has not been done.
  ~Process();

  // The next line of standard output, without its end; DEADLINE_EXCEEDED, or OUT_OF_RANGE at its
  // end.
  absl::StatusOr<std::string> ReadLine(absl::Duration timeout);
  // All that is left of standard output, until the process closes it.
  std::string ReadAll(absl::Duration timeout);
  void Signal(int signal);
  // Waits for the end; the exit code, or 128 + the signal that ended it.
  absl::StatusOr<int> Wait(absl::Duration timeout);

  pid_t pid() const { return pid_; }

 private:
  Process(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> exit_code_;
};

// What a finished command said.
struct CommandResult {
  int exit_code = -1;
  std::string output;
};

// Starts argv, reads its standard output to the end and waits; a minute at most.
CommandResult RunCommand(const std::vector<std::string>& argv);

// The command line of any process: /proc/PID/cmdline.
std::vector<std::string> CommandLineOf(pid_t pid);

}  // namespace quorumcache::integration
