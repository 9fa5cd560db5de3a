// SPDX-License-Identifier: Apache-2.0
// Resumer: DB::Resume() on a thread of its own, because it may never return.
//
// RocksDB 7.8 loses a flush that was scheduled but had not begun when another error came
// (DBImpl::BackgroundFlush returns and leaves it in its queue); Resume() then waits for it for
// ever. A new process has no such queue, so the way out is a restart, and that is said.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "storage_node/engine_rocksdb/health.h"

namespace quorumcache::engine_rocksdb {

// For one thread.
class Resumer {
 public:
  struct Parts {
    // True: RocksDB writes again. Runs on the thread.
    std::function<bool()> resume;
    // Makes `resume` return, whatever it waits for. RocksDB is of no use after it.
    std::function<void()> cancel;
    // A resume that takes longer has lost its flush: health turns to kReadOnly.
    absl::Duration patience = absl::Seconds(30);
  };

  // `health` outlives it.
  Resumer(Parts parts, Health* health) : parts_(std::move(parts)), health_(health) {}
  // Ends a resume that is under way.
  ~Resumer();
  Resumer(const Resumer&) = delete;
  Resumer& operator=(const Resumer&) = delete;

  // Starts a resume, if none runs; looks how long one that does has taken.
  void Run();
  bool is_running() const { return is_running_; }

 private:
  const Parts parts_;
  Health* const health_;
  std::atomic<bool> is_running_{false};
  std::chrono::steady_clock::time_point start_;
  std::thread thread_;
};

}  // namespace quorumcache::engine_rocksdb
