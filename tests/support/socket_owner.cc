// SPDX-License-Identifier: Apache-2.0
#include "tests/support/socket_owner.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"

namespace quorumcache::support {
namespace {

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 diag;
};

Request RequestFor(uint16_t local_port, uint16_t remote_port) {
  Request request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.diag.sdiag_family = AF_INET;
  request.diag.sdiag_protocol = IPPROTO_TCP;
  request.diag.idiag_states = ~0u;
  request.diag.id.idiag_sport = htons(local_port);
  request.diag.id.idiag_dport = htons(remote_port);
  request.diag.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  request.diag.id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  request.diag.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  request.diag.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

// The inode of the socket; 0: there is none. One exact question to the kernel: reading
// /proc/net/tcp takes tens of milliseconds, and the connection waits for the answer.
uint32_t InodeOf(uint16_t local_port, uint16_t remote_port) {
  const int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return 0;
  const Request request = RequestFor(local_port, remote_port);
  alignas(nlmsghdr) char answer[4096];
  ssize_t size = -1;
  if (send(netlink, &request, sizeof(request), 0) == sizeof(request)) {
    size = recv(netlink, answer, sizeof(answer), 0);
  }
  close(netlink);
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer);
  const bool answered = size >= static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg))) &&
                        header->nlmsg_type == SOCK_DIAG_BY_FAMILY;
  if (!answered) return 0;
  const auto* found = reinterpret_cast<const inet_diag_msg*>(NLMSG_DATA(header));
  // Where no connection fits, the kernel tells of one that listens.
  return found->id.idiag_dport == htons(remote_port) ? found->idiag_inode : 0;
}

bool Holds(pid_t pid, const std::string& socket) {
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator entry(absl::StrCat("/proc/", pid, "/fd"), error);
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry->path(), gone) == socket) return true;
  }
  return false;
}

}  // namespace

std::optional<pid_t> SocketOwner(uint16_t local_port, uint16_t remote_port,
                                 const std::vector<pid_t>& candidates) {
  const uint32_t inode = InodeOf(local_port, remote_port);
  if (inode == 0) return std::nullopt;
  for (const pid_t pid : candidates) {
    if (Holds(pid, absl::StrCat("socket:[", inode, "]"))) return pid;
  }
  return std::nullopt;
}

}  // namespace quorumcache::support
