// SPDX-License-Identifier: Apache-2.0
#include "cli/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace quorumcache::cli {
namespace {

// There is no event to wait for with a time limit that does not take the child's signal as well.
constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) {
    return absl::StrCat("signal ", WTERMSIG(status), " (", strsignal(WTERMSIG(status)), ")");
  }
  return absl::StrCat("exit code ", WEXITSTATUS(status));
}

// In the child: only what is safe between fork and exec.
[[noreturn]] void Become(char* const* argv, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before the line above.
  if (getppid() != parent) _exit(127);
  // Away from the terminal's Ctrl-C.
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(127);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& argv,
                                                 const std::string& log) {
  if (access(argv[0].c_str(), X_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("there is no program ", argv[0]));
  }
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0)
    return absl::UnavailableError(absl::StrCat("cannot write ", log, ": ", strerror(errno)));
  std::vector<char*> pointers;
  for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), fd, parent);
  close(fd);
  if (pid < 0) return absl::UnavailableError(absl::StrCat("cannot fork: ", strerror(errno)));
  return ChildProcess(pid);
}

std::optional<std::string> ChildProcess::Ended() {
  int status = 0;
  if (!ended_.has_value() && waitpid(pid_, &status, WNOHANG) == pid_) ended_ = DescribeEnd(status);
  return ended_;
}

void ChildProcess::Signal(int signal) {
  if (!Ended().has_value()) kill(pid_, signal);
}

bool ChildProcess::WaitForEnd(absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  while (!Ended().has_value()) {
    if (absl::Now() >= until) return false;
    absl::SleepFor(kPollInterval);
  }
  return true;
}

}  // namespace quorumcache::cli
