// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/free_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace quorumcache::runtime {
namespace {

// Linux gives outgoing connections ports from 32768 on (ip_local_port_range).
constexpr uint16_t kAnyPortMin = 10000, kAnyPortMax = 32767;

}  // namespace

bool CanListen(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // As servers do: connections that are only waiting for their end (TIME_WAIT) are not in the way.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool ok = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                  listen(fd, 1) == 0;
  close(fd);
  return ok;
}

PortPicker::PortPicker(uint64_t seed, std::function<bool(uint16_t)> can_listen)
    : random_(seed), can_listen_(std::move(can_listen)) {}

bool PortPicker::Reserve(uint16_t port) {
  if (taken_.count(port) > 0 || !can_listen_(port)) return false;
  taken_.insert(port);
  return true;
}

absl::StatusOr<uint16_t> PortPicker::Any() {
  for (int i = 0; i < 1000; ++i) {
    const auto port =
        static_cast<uint16_t>(kAnyPortMin + random_.Uniform(kAnyPortMax - kAnyPortMin + 1));
    if (Reserve(port)) return port;
  }
  return absl::ResourceExhaustedError("no free port found between 10000 and 32767");
}

}  // namespace quorumcache::runtime
