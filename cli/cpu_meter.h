// SPDX-License-Identifier: Apache-2.0
// CpuMeter: the CPU time that this process and others have spent between two moments.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quorumcache::cli {

struct ProcessCpu {
  // "qcctl", or "PID NAME".
  std::string process;
  absl::Duration cpu;
};

// Thread-compatible.
class CpuMeter {
 public:
  // INVALID_ARGUMENT: not a process id, or there is no such process.
  static absl::StatusOr<CpuMeter> Make(const std::vector<std::string>& pids);
  void Start();
  // Since Start; this process first. One that has ended counts as 0.
  std::vector<ProcessCpu> Read() const;

 private:
  struct Process {
    pid_t pid = 0;
    std::string name;
    absl::Duration at_start;
  };
  explicit CpuMeter(std::vector<Process> processes) : processes_(std::move(processes)) {}

  std::vector<Process> processes_;
};

}  // namespace quorumcache::cli
