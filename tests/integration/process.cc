// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/support/process_state.h"

extern char** environ;

namespace quorumcache::integration {
namespace {

int PollTimeoutMs(absl::Time until) {
  const int64_t left = absl::ToInt64Milliseconds(until - absl::Now());
  return left < 0 ? 0 : static_cast<int>(left);
}

}  // namespace

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& argv) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError(strerror(errno));
  std::vector<char*> arguments;
  for (const std::string& argument : argv) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return absl::InternalError(absl::StrCat(argv[0], ": ", strerror(error)));
  }
  return Process(pid, ends[0]);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)),
      exit_code_(other.exit_code_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(buffer_, other.buffer_);
  std::swap(exit_code_, other.exit_code_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0 && !exit_code_) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
}

absl::StatusOr<std::string> Process::ReadLine(absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  while (true) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waited{output_, POLLIN, 0};
    if (poll(&waited, 1, PollTimeoutMs(until)) == 0) {
      return absl::DeadlineExceededError("no line in time");
    }
    char chunk[4096];
    const ssize_t size = read(output_, chunk, sizeof(chunk));
    if (size <= 0) return absl::OutOfRangeError("end of output");
    buffer_.append(chunk, static_cast<size_t>(size));
  }
}

std::string Process::ReadAll(absl::Duration timeout) {
  std::string all;
  const absl::Time until = absl::Now() + timeout;
  while (true) {
    absl::StatusOr<std::string> line = ReadLine(until - absl::Now());
    if (!line.ok()) return absl::StrCat(all, std::exchange(buffer_, ""));
    absl::StrAppend(&all, *line, "\n");
  }
}

void Process::Signal(int signal) {
  if (pid_ > 0 && !exit_code_) kill(pid_, signal);
}

absl::StatusOr<int> Process::Wait(absl::Duration timeout) {
  if (exit_code_) return *exit_code_;
  if (!support::WaitUntilGone(pid_, timeout)) {
    return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " has not ended"));
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *exit_code_;
}

CommandResult RunCommand(const std::vector<std::string>& argv) {
  absl::StatusOr<Process> process = Process::Start(argv);
  if (!process.ok()) return CommandResult{-1, process.status().ToString()};
  CommandResult result;
  result.output = process->ReadAll(absl::Minutes(1));
  result.exit_code = process->Wait(absl::Minutes(1)).value_or(-1);
  return result;
}

std::vector<std::string> CommandLineOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/cmdline"), std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  std::vector<std::string> argv = absl::StrSplit(content.str(), '\0');
  if (!argv.empty() && argv.back().empty()) argv.pop_back();
  return argv;
}

}  // namespace quorumcache::integration
