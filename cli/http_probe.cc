// SPDX-License-Identifier: Apache-2.0
#include "cli/http_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::cli {
namespace {

bool Connect(int fd, const std::string& address, absl::Duration timeout) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  sockaddr_in peer = {};
  peer.sin_family = AF_INET;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) != 1) {
    return false;
  }
  peer.sin_port = htons(static_cast<uint16_t>(port));
  const timeval limit = absl::ToTimeval(timeout);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  return connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) == 0;
}

// The status line, or as much as came.
std::string Exchange(int fd, const std::string& request) {
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size())) return "";
  std::string line;
  char c = 0;
  while (line.size() < 64 && recv(fd, &c, 1, 0) == 1 && c != '\r') line.push_back(c);
  return line;
}

}  // namespace

int HttpStatusOf(const std::string& address, const std::string& target, absl::Duration timeout) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  std::string line;
  if (Connect(fd, address, timeout)) {
    line = Exchange(fd, absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: ", address,
                                     "\r\nConnection: close\r\n\r\n"));
  }
  close(fd);
  int status = 0;
  const bool is_http = absl::StartsWith(line, "HTTP/1.1 ") && line.size() >= 12;
  return is_http && absl::SimpleAtoi(line.substr(9, 3), &status) ? status : 0;
}

}  // namespace quorumcache::cli
