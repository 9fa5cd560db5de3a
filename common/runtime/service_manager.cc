// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace quorumcache::runtime {
namespace {

absl::Status SystemError(absl::string_view what, const std::string& socket) {
  return absl::UnavailableError(
      absl::StrCat(what, " NOTIFY_SOCKET ", socket, ": ", std::strerror(errno)));
}

// A line break would begin another NAME=VALUE.
std::string OneLine(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\n", " "}});
}

}  // namespace

ServiceManager ServiceManager::FromEnvironment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  return ServiceManager(socket == nullptr ? "" : socket);
}

absl::Status ServiceManager::Ready(absl::string_view status) const {
  return Send(absl::StrCat("READY=1\nSTATUS=", OneLine(status)));
}

absl::Status ServiceManager::Waiting(absl::string_view status) const {
  return Send(absl::StrCat("STATUS=", OneLine(status)));
}

absl::Status ServiceManager::Stopping() const {
  return Send("STOPPING=1\nSTATUS=stopping");
}

absl::Status ServiceManager::Send(absl::string_view message) const {
  if (socket_.empty()) return absl::OkStatus();
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // Longer names, and those that are neither path nor abstract, cannot be of a service manager.
  if (socket_.size() >= sizeof(address.sun_path) || (socket_[0] != '/' && socket_[0] != '@')) {
    errno = EINVAL;
    return SystemError("cannot use", socket_);
  }
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError("no socket for", socket_);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const ssize_t sent = sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), length);
  const absl::Status status = sent == static_cast<ssize_t>(message.size())
                                  ? absl::OkStatus()
                                  : SystemError("cannot write to", socket_);
  close(fd);
  return status;
}

}  // namespace quorumcache::runtime
