// SPDX-License-Identifier: Apache-2.0
// The states of a process that need not be a child: gone, standing still. Each call waits until the
// kernel says so, for what a signal does comes after kill() has returned.
#pragma once

#include <sys/types.h>

#include "absl/time/time.h"

namespace quorumcache::support {

// How long the calls below wait; only a failure waits for it.
inline constexpr absl::Duration kStateTimeout = absl::Seconds(30);

// Waits until every thread of `pid` has ended, so that its ports and locks are free. (Its entry in
// /proc is a zombie's as soon as its first thread has ended.) False after `timeout`.
bool WaitUntilGone(pid_t pid, absl::Duration timeout = kStateTimeout);

// SIGSTOP, and waits until every thread of `pid` stands still: until then it may answer a request.
// False after kStateTimeout.
bool Suspend(pid_t pid);

}  // namespace quorumcache::support
