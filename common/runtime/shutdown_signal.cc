// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/shutdown_signal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "absl/time/clock.h"
#include "common/base/check.h"

namespace quorumcache::runtime {
namespace {

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Rounds up, so that a wait never ends before its time and spins.
int PollMillis(absl::Duration left) {
  const int64_t millis = absl::ToInt64Milliseconds(left + absl::Milliseconds(1));
  return static_cast<int>(std::clamp<int64_t>(millis, 0, 1'000'000));
}

}  // namespace

ShutdownSignal::ShutdownSignal() {
  const sigset_t signals = ShutdownSignals();
  QC_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  QC_CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  request_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  QC_CHECK(signal_fd_ >= 0 && request_fd_ >= 0);
}

ShutdownSignal::~ShutdownSignal() {
  close(signal_fd_);
  close(request_fd_);
}

int ShutdownSignal::Wait() {
  int result = -1;
  while (result < 0) result = WaitFor(absl::Minutes(10));
  return result;
}

int ShutdownSignal::WaitFor(absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  while (true) {
    const absl::Duration left = until - absl::Now();
    pollfd fds[] = {{.fd = signal_fd_, .events = POLLIN}, {.fd = request_fd_, .events = POLLIN}};
    const int ready = poll(fds, 2, PollMillis(std::max(left, absl::ZeroDuration())));
    QC_CHECK(ready >= 0 || errno == EINTR);
    signalfd_siginfo info;
    if (read(signal_fd_, &info, sizeof(info)) == sizeof(info)) {
      const sigset_t signals = ShutdownSignals();
      QC_CHECK(pthread_sigmask(SIG_UNBLOCK, &signals, nullptr) == 0);
      return static_cast<int>(info.ssi_signo);
    }
    // Not read: it stays readable for every other waiter.
    if (ready > 0 && (fds[1].revents & POLLIN) != 0) return 0;
    if (left <= absl::ZeroDuration()) return -1;
  }
}

void ShutdownSignal::Request() {
  const uint64_t one = 1;
  QC_CHECK(write(request_fd_, &one, sizeof(one)) == sizeof(one));
}

}  // namespace quorumcache::runtime
