// SPDX-License-Identifier: Apache-2.0
#include "tests/support/notify_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/check.h"

namespace quorumcache::support {

NotifySocket::NotifySocket(const std::string& name)
    : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  QC_CHECK(name.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  QC_CHECK(bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
}

NotifySocket::~NotifySocket() {
  close(fd_);
}

std::string NotifySocket::Receive(absl::Duration timeout) {
  pollfd waiting = {.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) <= 0) return "";
  char buffer[4096];
  const ssize_t length = recv(fd_, buffer, sizeof(buffer), 0);
  return length > 0 ? std::string(buffer, static_cast<size_t>(length)) : std::string();
}

bool NotifySocket::ReceiveLine(absl::string_view line, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  for (absl::Duration left = timeout; left > absl::ZeroDuration(); left = end - absl::Now()) {
    const std::string message = Receive(left);
    for (const absl::string_view part : absl::StrSplit(message, '\n')) {
      if (part == line) return true;
    }
  }
  return false;
}

}  // namespace quorumcache::support
