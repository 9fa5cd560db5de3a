// SPDX-License-Identifier: Apache-2.0
// QC_CHECK: our own broken logic stops the process, in every build.
//
// Network, disk and input errors are absl::Status. A QC_CHECK says "this cannot happen": going on
// would mean answering from a state nobody has reasoned about, and a cache that never lies would
// rather stop.
#pragma once

namespace quorumcache::base {

// Writes `file:line: check failed: expression` to stderr and aborts. Thread-safe; allocates
// nothing.
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression);

}  // namespace quorumcache::base

#define QC_CHECK(condition) \
  ((condition) ? (void)0 : ::quorumcache::base::CheckFailed(__FILE__, __LINE__, #condition))
