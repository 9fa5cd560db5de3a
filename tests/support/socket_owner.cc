// SPDX-License-Identifier: Apache-2.0
#include "tests/support/socket_owner.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

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
  // The table of a busy machine has thousands of lines: only the right one is taken apart.
  const std::string ends =
      absl::StrCat(": ", LoopbackText(local_port), " ", LoopbackText(remote_port), " ");
  std::ifstream table("/proc/net/tcp");
  std::string line;
  while (std::getline(table, line)) {
    if (absl::StrContains(line, ends)) break;
  }
  const std::vector<std::string> columns = absl::StrSplit(line, ' ', absl::SkipEmpty());
  return columns.size() > kColumnsBeforeInode && absl::StrContains(line, ends)
             ? columns[kColumnsBeforeInode]
             : "";
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
