// SPDX-License-Identifier: Apache-2.0
#include "cli/cpu_meter.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::cli {
namespace {

// All threads of the process, user and system; `pid` 0: this one.
bool ReadCpu(pid_t pid, absl::Duration* cpu) {
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  timespec time;
  if (pid != 0 && clock_getcpuclockid(pid, &clock) != 0) return false;
  if (clock_gettime(clock, &time) != 0) return false;
  *cpu = absl::DurationFromTimespec(time);
  return true;
}

std::string NameOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/comm"));
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

absl::StatusOr<CpuMeter> CpuMeter::Make(const std::vector<std::string>& pids) {
  std::vector<Process> processes = {{.pid = 0, .name = "qcctl"}};
  for (const std::string& text : pids) {
    pid_t pid = 0;
    absl::Duration cpu;
    // kill(2) with no signal: only whether it is there; a clock can be had of impossible ids, too.
    const bool there = absl::SimpleAtoi(text, &pid) && pid > 0 &&
                       (kill(pid, 0) == 0 || errno == EPERM) && ReadCpu(pid, &cpu);
    if (!there) {
      return absl::InvalidArgumentError(absl::StrCat("--pids: there is no process ", text));
    }
    processes.push_back({.pid = pid, .name = absl::StrCat(pid, " ", NameOf(pid))});
  }
  return CpuMeter(std::move(processes));
}

void CpuMeter::Start() {
  for (Process& process : processes_) ReadCpu(process.pid, &process.at_start);
}

std::vector<ProcessCpu> CpuMeter::Read() const {
  std::vector<ProcessCpu> result;
  for (const Process& process : processes_) {
    absl::Duration now = process.at_start;
    ReadCpu(process.pid, &now);
    result.push_back({process.name, std::max(now - process.at_start, absl::ZeroDuration())});
  }
  return result;
}

}  // namespace quorumcache::cli
