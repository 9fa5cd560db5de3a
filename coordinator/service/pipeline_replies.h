// SPDX-License-Identifier: Apache-2.0
// PipelineReplies: the answers of one Pipeline stream on their way out, in messages of bounded
// size.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "coordinator/service/cache_backend.h"
#include "google/protobuf/arena.h"
#include "quorumcache/v1/cache.pb.h"

namespace quorumcache::service {

// A message that lives in an arena of its own, so that its many small parts cost one allocation.
template <typename Message>
class ArenaMessage {
 public:
  ArenaMessage() : arena_(Options()) { Renew(); }
  Message& operator*() { return *message_; }
  Message* operator->() { return message_; }
  // An empty message; everything of the old one is gone.
  void Renew() {
    arena_.Reset();
    message_ = google::protobuf::Arena::CreateMessage<Message>(&arena_);
  }

 private:
  static google::protobuf::ArenaOptions Options() {
    google::protobuf::ArenaOptions options;
    // A message of some dozen operations fits into one block.
    options.start_block_size = 8 << 10;
    options.max_block_size = 256 << 10;
    return options;
  }
  google::protobuf::Arena arena_;
  Message* message_ = nullptr;
};

// Thread-compatible.
class PipelineReplies {
 public:
  void Add(uint64_t id, OperationKind kind, CacheResponse&& response);
  bool empty() const { return queue_.empty(); }
  // Of everything that waits; counts values, roughly.
  size_t size_bytes() const { return size_bytes_; }
  // The next message to send. Requires: !empty().
  const v1::PipelineResponse& front() { return **queue_.front(); }
  void Pop();
  void Clear();

 private:
  using Reply = ArenaMessage<v1::PipelineResponse>;

  v1::PipelineResult& NewResult(size_t size_bytes);

  std::deque<std::unique_ptr<Reply>> queue_;  // back: being filled
  std::deque<size_t> sizes_;
  size_t size_bytes_ = 0;
  // The last message that was sent, to be filled again.
  std::unique_ptr<Reply> spare_;
};

}  // namespace quorumcache::service
