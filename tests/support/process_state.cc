// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process_state.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace quorumcache::support {
namespace {

// Whether every thread of `pid` is stopped (state T of proc(5)), or has ended.
bool StandsStill(pid_t pid) {
  std::error_code error;
  const std::string tasks = absl::StrCat("/proc/", pid, "/task");
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::ifstream file(task.path() / "stat");
    std::string line;
    std::getline(file, line);
    // The program's name stands in parentheses, and may itself have some.
    const size_t name_end = line.rfind(") ");
    if (name_end == std::string::npos) return false;
    if (line[name_end + 2] != 'T' && line[name_end + 2] != 'Z') return false;
  }
  return true;
}

}  // namespace

bool WaitUntilGone(pid_t pid, absl::Duration timeout) {
  // A pidfd becomes readable when the process ends, child or not (pidfd_open(2)).
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) return errno == ESRCH;
  pollfd waited{descriptor, POLLIN, 0};
  const int ready = poll(&waited, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  close(descriptor);
  return ready > 0;
}

bool Suspend(pid_t pid) {
  kill(pid, SIGSTOP);
  const absl::Time until = absl::Now() + kStateTimeout;
  while (!StandsStill(pid)) {
    if (absl::Now() > until) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

}  // namespace quorumcache::support
