// SPDX-License-Identifier: Apache-2.0
// Health: whether an engine may write, and if not, why and for how long.
//
//   kWritable <-> kDiskFull          space ran out; writes again once it is back
//   kWritable, kDiskFull -> kReadOnly  RocksDB met another error in the background; until a restart
//   any -> kFenced                   an fsync failed; until a restart. Never left: what the page
//   cache held
//                                    may be gone although a second fsync would say OK (fsyncgate,
//                                    2018)
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace quorumcache::engine_rocksdb {

// Thread-safe: RocksDB's threads report, the engine thread asks before every write.
class Health {
 public:
  enum class State : uint8_t { kWritable = 0, kDiskFull = 1, kReadOnly = 2, kFenced = 3 };

  // Takes a worse state; a better one than the present is ignored.
  void Worsen(State state, absl::string_view reason);
  // kDiskFull -> kWritable; nothing otherwise.
  void SpaceReturned();

  State state() const { return state_.load(std::memory_order_acquire); }
  // OK when writable: one load. Otherwise kDiskFull, kReadOnly or (fenced) kIo, with the reason.
  absl::Status ToStatus() const;

 private:
  mutable base::Mutex mutex_;
  std::atomic<State> state_{State::kWritable};
  std::string reason_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::engine_rocksdb
