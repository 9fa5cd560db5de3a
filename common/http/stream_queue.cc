// SPDX-License-Identifier: Apache-2.0
#include "common/http/stream_queue.h"

#include <utility>

#include "common/base/limits.h"

namespace quorumcache::http {

StreamQueue::PushResult StreamQueue::Push(absl::string_view chunk) {
  base::MutexLock lock(mutex_);
  if (finished_ || closed_) return PushResult::kClosed;
  if (chunk.size() > limits::kHttpStreamQueueBytesMax - pending_.size()) return PushResult::kFull;
  pending_.append(chunk.data(), chunk.size());
  return PushResult::kQueued;
}

void StreamQueue::Finish() {
  base::MutexLock lock(mutex_);
  finished_ = true;
}

bool StreamQueue::Take(std::string* bytes) {
  base::MutexLock lock(mutex_);
  bytes->clear();
  bytes->swap(pending_);
  return !finished_;
}

void StreamQueue::MarkClosed() {
  std::function<void()> call;
  {
    base::MutexLock lock(mutex_);
    if (closed_) return;
    closed_ = true;
    pending_.clear();
    if (!finished_) call = std::move(on_closed_);
    // What the callback holds must not live as long as the writer's last copy of the stream.
    on_closed_ = nullptr;
  }
  if (call) call();
}

}  // namespace quorumcache::http
