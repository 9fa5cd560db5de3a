// SPDX-License-Identifier: Apache-2.0
#include "tests/support/socket_owner.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace quorumcache::support {
namespace {

// The columns of /proc/net/tcp: slot, local, remote, state, queues, timer, retransmits, uid,
// timeout, inode.
constexpr int kColumnsBeforeInode = 9;

// As /proc/net/tcp writes it: the address in the byte order of the machine.
std::string LoopbackText(uint16_t port) {
  return absl::StrFormat("0100007F:%04X", port);
}

// The inode of the socket, or "".
std::string InodeOf(uint16_t local_port, uint16_t remote_port) {
  const std::string local = LoopbackText(local_port);
  const std::string remote = LoopbackText(remote_port);
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::vector<std::string> columns;
    for (std::string word; words >> word;) columns.push_back(std::move(word));
    if (columns.size() <= kColumnsBeforeInode) continue;
    if (columns[1] == local && columns[2] == remote) return columns[kColumnsBeforeInode];
  }
  return "";
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
  const std::string inode = InodeOf(local_port, remote_port);
  if (inode.empty()) return std::nullopt;
  for (const pid_t pid : candidates) {
    if (Holds(pid, absl::StrCat("socket:[", inode, "]"))) return pid;
  }
  return std::nullopt;
}

}  // namespace quorumcache::support
