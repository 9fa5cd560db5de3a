// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/health.h"

#include "absl/strings/str_cat.h"
#include "storage_node/engine/error.h"

namespace quorumcache::engine_rocksdb {

void Health::Worsen(State state, absl::string_view reason) {
  base::MutexLock lock(mutex_);
  if (state <= state_.load(std::memory_order_relaxed)) return;
  reason_ = std::string(reason);
  state_.store(state, std::memory_order_release);
}

void Health::SpaceReturned() {
  base::MutexLock lock(mutex_);
  if (state_.load(std::memory_order_relaxed) != State::kDiskFull) return;
  reason_.clear();
  state_.store(State::kWritable, std::memory_order_release);
}

absl::Status Health::ToStatus() const {
  if (state() == State::kWritable) return absl::OkStatus();
  base::MutexLock lock(mutex_);
  switch (state_.load(std::memory_order_relaxed)) {
    case State::kWritable:
      return absl::OkStatus();
    case State::kDiskFull:
      return engine::MakeError(engine::Cause::kDiskFull,
                               absl::StrCat("read-only until space returns: ", reason_));
    case State::kReadOnly:
      return engine::MakeError(engine::Cause::kReadOnly,
                               absl::StrCat("read-only until a restart: ", reason_));
    case State::kFenced:
      break;
  }
  return engine::MakeError(engine::Cause::kIo, absl::StrCat("fenced until a restart: ", reason_));
}

}  // namespace quorumcache::engine_rocksdb
