// SPDX-License-Identifier: Apache-2.0
// A network of this process's own, and what gets lost in it: below TCP, where the proxy of the
// other runs (tests/support/tcp_proxy.h) cannot reach.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace quorumcache::histories {

// Moves this process, and all it starts, into a network namespace with a loopback and nothing else.
// The kernel takes it away with the last of them. Call it before other threads are started. An
// error where the machine does not allow it (root, CAP_SYS_ADMIN) or has no iptables; nothing has
// changed then, or only this process can tell.
absl::Status EnterPrivateNetwork();

// TCP packets on the loopback. 0: any port.
struct Packets {
  uint16_t from_port = 0;
  uint16_t to_port = 0;
  // How many of them, each by the toss of a coin.
  double share = 1;
};

// Rules of iptables, in a chain of their own. Thread-compatible; several objects may be in force
// side by side.
class PacketFilter {
 public:
  PacketFilter() = default;
  ~PacketFilter();
  PacketFilter(const PacketFilter&) = delete;
  PacketFilter& operator=(const PacketFilter&) = delete;

  // From now on they are lost, and nobody is told.
  absl::Status Drop(const Packets& packets);
  // Takes back what this object has dropped, and counts what was lost to it.
  absl::Status Clear();
  // Packets, up to the last Clear().
  uint64_t lost() const { return lost_; }

 private:
  std::string chain_;  // empty: there is none yet
  uint64_t lost_ = 0;
};

// Ports of 127.0.0.1 from which `pid` is connected to 127.0.0.1:port.
std::vector<uint16_t> PortsTowards(pid_t pid, uint16_t port);

}  // namespace quorumcache::histories
