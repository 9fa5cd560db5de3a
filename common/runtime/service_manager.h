// SPDX-License-Identifier: Apache-2.0
// ServiceManager: tells whoever started this process (systemd, Type=notify) how far it is.
//
// The protocol is one datagram of NAME=VALUE lines to the socket that NOTIFY_SOCKET names, and is
// promised to stay (sd_notify(3), "Notes", which advises programs to speak it themselves). That is
// why there is no libsystemd here: it would bring liblzma, zstd and gcrypt into both servers, and
// into containers and machines that have no systemd, for these forty lines.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quorumcache::runtime {

// Immutable, thread-safe. Without a socket every call does nothing and is OK. Errors are
// UNAVAILABLE with the system's reason, and say nothing about whether this process can serve.
class ServiceManager {
 public:
  // `socket`: a path, or "@name" for an abstract one; empty: nobody wants to know.
  explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}
  // What NOTIFY_SOCKET says.
  static ServiceManager FromEnvironment();

  // It serves from now on. `status` is one line for people: `systemctl status` shows it.
  absl::Status Ready(absl::string_view status) const;
  // Not yet, or not any more; one line that says what it waits for.
  absl::Status Waiting(absl::string_view status) const;
  // It has begun to stop because it was asked to.
  absl::Status Stopping() const;

 private:
  absl::Status Send(absl::string_view message) const;

  const std::string socket_;
};

}  // namespace quorumcache::runtime
