// SPDX-License-Identifier: Apache-2.0
// Which process is at the other end of a connection on 127.0.0.1: what lets a proxy tell one
// client of a door from another, when all connect from the same address. Linux only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace quorumcache::support {

// The first of `candidates` that has the socket 127.0.0.1:local_port connected to
// 127.0.0.1:remote_port; nullopt: none has (any more), or the kernel does not tell. A system call
// or two for each descriptor of a candidate.
std::optional<pid_t> SocketOwner(uint16_t local_port, uint16_t remote_port,
                                 const std::vector<pid_t>& candidates);

}  // namespace quorumcache::support
