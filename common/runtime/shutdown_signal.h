// SPDX-License-Identifier: Apache-2.0
// ShutdownSignal: SIGTERM and SIGINT as something a thread waits for, instead of code that runs
// anywhere.
#pragma once

#include "absl/time/time.h"

namespace quorumcache::runtime {

// Make it first in main, before any thread (gRPC's included): new threads inherit the blocked
// signals, and one that does not would be killed by them. Also ignores SIGPIPE: a peer that hangs
// up is an error code.
//
// After the first signal was waited for, a second one ends the process at once (the default
// action), so that a stop which hangs can be cut short by a second Ctrl-C. One per process.
class ShutdownSignal {
 public:
  ShutdownSignal();
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

  // Blocks until a signal or Request. Returns the signal's number, or 0 after Request. Thread-safe.
  int Wait();
  // As Wait, but returns -1 when `timeout` has passed first.
  int WaitFor(absl::Duration timeout);
  // Lets all present and later waits return 0. Thread-safe.
  void Request();

 private:
  int signal_fd_;
  int request_fd_;
};

}  // namespace quorumcache::runtime
