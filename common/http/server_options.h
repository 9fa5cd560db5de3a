// SPDX-License-Identifier: Apache-2.0
// What a server may be told. Every bound is here or in common/base/limits.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/base/limits.h"

namespace quorumcache::http {

// Value. The times are those of nginx's defaults where nothing is said.
struct ServerOptions {
  // An address or "localhost".
  std::string host = "127.0.0.1";
  // 0: any free port; Server::port() tells which.
  uint16_t port = 0;
  // Each with its own event loop; a connection stays with its thread.
  int thread_count = 1;

  size_t connection_count_max = limits::kHttpConnectionsMax;
  size_t header_bytes_max = limits::kHttpHeaderBytesMax;
  size_t target_bytes_max = limits::kHttpTargetBytesMax;
  // Over all requests under way.
  size_t bodies_bytes_max = limits::kHttpBodiesBytesMax;

  // A kept-alive connection without a request.
  absl::Duration idle_timeout = absl::Seconds(75);
  // From the first byte of a request to the end of its head. A head is a few packets: shorter than
  // nginx's 60 s, as slow heads are the classic attack.
  absl::Duration header_timeout = absl::Seconds(20);
  // For a body or an answer, plus a second for each limits::kHttpTransferBytesPerSecondMin bytes
  // moved.
  absl::Duration body_timeout = absl::Seconds(60);
  absl::Duration write_timeout = absl::Seconds(60);
  // After a refused request: time in which the client can read why, before its unread bytes would
  // make the kernel throw the answer away (a reset).
  absl::Duration linger_timeout = absl::Seconds(5);
};

}  // namespace quorumcache::http
