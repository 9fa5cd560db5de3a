// SPDX-License-Identifier: Apache-2.0
// NotifySocket: stands in for systemd; what a service tells its manager can be read from it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace quorumcache::support {

// Thread-compatible. Bound as long as it lives.
class NotifySocket {
 public:
  // `name`: a path, or "@name" for an abstract socket.
  explicit NotifySocket(const std::string& name);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // The next message; empty after `timeout`.
  std::string Receive(absl::Duration timeout);
  // Whether a message with this line comes within `timeout`; earlier ones without it are dropped.
  bool ReceiveLine(absl::string_view line, absl::Duration timeout);

 private:
  int fd_;
};

}  // namespace quorumcache::support
