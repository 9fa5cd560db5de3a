// SPDX-License-Identifier: Apache-2.0
// ProxyPipe: one direction of a proxied connection: bytes in order, each not before its time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace quorumcache::support {

// Thread-compatible. Reads from one socket and writes to another; both non-blocking and not its
// own.
class ProxyPipe {
 public:
  ProxyPipe(int from, int to) : from_(from), to_(to) {}

  // There is room for more, and more may come.
  bool WantsToRead() const { return !input_ended_ && queued_bytes_ < kQueuedBytesMax; }
  // When the first queued chunk, or the end of the input, may go out; nullopt: nothing is queued.
  std::optional<absl::Time> Due() const;
  bool IsOver() const { return output_ended_; }

  // Reads what is there; it is due at `due`, and so is the news that the connection broke.
  void Read(absl::Time due);
  // Writes what is due; passes on the end of the input. False: the connection is broken, at either
  // end.
  bool Write(absl::Time now);
  // What the other end has not taken is still there: wait until it is writable.
  bool IsBlocked() const { return blocked_; }

 private:
  // Enough for any batch; above it the sender feels the hold, as it would on a real network.
  static constexpr size_t kQueuedBytesMax = 4u << 20;

  enum class ChunkKind { kBytes, kEnd, kBroken };
  struct Chunk {
    absl::Time due;
    ChunkKind kind;
    std::string bytes;
  };

  const int from_;
  const int to_;
  std::deque<Chunk> queue_;
  size_t queued_bytes_ = 0;
  size_t written_ = 0;  // of the first chunk
  bool input_ended_ = false;
  bool output_ended_ = false;
  bool blocked_ = false;
};

}  // namespace quorumcache::support
