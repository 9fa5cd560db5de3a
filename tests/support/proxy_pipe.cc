// SPDX-License-Identifier: Apache-2.0
#include "tests/support/proxy_pipe.h"

#include <sys/socket.h>

#include <cerrno>

namespace quorumcache::support {
namespace {

bool IsTransient(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

std::optional<absl::Time> ProxyPipe::Due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.front().due;
}

void ProxyPipe::Read(absl::Time due) {
  char buffer[64 << 10];
  const ssize_t size = recv(from_, buffer, sizeof(buffer), 0);
  if (size < 0 && IsTransient(errno)) return;
  if (size <= 0) {
    input_ended_ = true;
    queue_.push_back({due, size == 0 ? ChunkKind::kEnd : ChunkKind::kBroken, ""});
    return;
  }
  queued_bytes_ += static_cast<size_t>(size);
  queue_.push_back({due, ChunkKind::kBytes, std::string(buffer, static_cast<size_t>(size))});
}

bool ProxyPipe::Write(absl::Time now) {
  blocked_ = false;
  while (!queue_.empty() && queue_.front().due <= now) {
    const Chunk& chunk = queue_.front();
    if (chunk.kind == ChunkKind::kBroken) return false;
    if (chunk.kind == ChunkKind::kEnd) {
      output_ended_ = true;
      shutdown(to_, SHUT_WR);
      queue_.clear();
      return true;
    }
    const ssize_t size =
        send(to_, chunk.bytes.data() + written_, chunk.bytes.size() - written_, MSG_NOSIGNAL);
    if (size < 0) {
      blocked_ = IsTransient(errno);
      return blocked_;
    }
    written_ += static_cast<size_t>(size);
    queued_bytes_ -= static_cast<size_t>(size);
    if (written_ < chunk.bytes.size()) continue;
    queue_.pop_front();
    written_ = 0;
  }
  return true;
}

}  // namespace quorumcache::support
