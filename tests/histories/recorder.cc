// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/recorder.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace quorumcache::histories {

int64_t MonotonicNs() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

history::History Recorder::Take() {
  base::MutexLock lock(mutex_);
  std::stable_sort(history_.begin(), history_.end(),
                   [](const history::ClientOp& a, const history::ClientOp& b) {
                     return a.invoked_ns < b.invoked_ns;
                   });
  return std::move(history_);
}

}  // namespace quorumcache::histories
