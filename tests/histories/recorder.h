// SPDX-License-Identifier: Apache-2.0
// Recorder: what all clients of a run asked and were told, and numbers for them that nobody shares.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/mutex.h"
#include "tests/history/history.h"

namespace quorumcache::histories {

// The clock of histories: monotonic, one for all threads; nanoseconds.
int64_t MonotonicNs();

// Thread-safe.
class Recorder {
 public:
  void Add(const history::ClientOp& op) {
    base::MutexLock lock(mutex_);
    history_.push_back(op);
  }
  // By the time of asking. Call when all clients are done.
  history::History Take();

  int32_t NewProcess() { return next_process_.fetch_add(1, std::memory_order_relaxed); }
  // Above 0: what a write stores.
  int64_t NewNumber() { return next_number_.fetch_add(1, std::memory_order_relaxed); }

 private:
  base::Mutex mutex_;
  history::History history_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int32_t> next_process_{0};
  std::atomic<int64_t> next_number_{1};
};

}  // namespace quorumcache::histories
