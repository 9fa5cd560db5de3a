// SPDX-License-Identifier: Apache-2.0
// StreamQueue: the bytes of one streamed answer between the writing threads and the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "common/base/mutex.h"

namespace quorumcache::http {

// Bounded (limits::kHttpStreamQueueBytesMax). Thread-safe.
class StreamQueue {
 public:
  enum class PushResult : uint8_t { kQueued, kFull, kClosed };

  // `on_closed` is called at most once, by MarkClosed().
  explicit StreamQueue(std::function<void()> on_closed) : on_closed_(std::move(on_closed)) {}

  // All of `chunk` or nothing.
  PushResult Push(absl::string_view chunk);
  // The writer has said all it wanted to.
  void Finish();

  // For the connection: moves out what is queued. Returns false once nothing will follow it.
  bool Take(std::string* bytes);
  // For the connection: no reader any more. Calls `on_closed` unless the writer had finished.
  void MarkClosed();

 private:
  base::Mutex mutex_;
  std::string pending_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> on_closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::http
