// SPDX-License-Identifier: Apache-2.0
// PlaygroundLayout: who is in a playground and where each listens; remembered in its data
// directory, so that the next start finds the same cluster.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/runtime/free_ports.h"

namespace quorumcache::cli {

struct PlaygroundMember {
  // c1, c2, ... and n1, n2, ...
  std::string name;
  // host:port
  std::string grpc;
  std::string http;

  friend bool operator==(const PlaygroundMember&, const PlaygroundMember&) = default;
};

struct PlaygroundLayout {
  std::vector<PlaygroundMember> coordinators;
  std::vector<PlaygroundMember> storage_nodes;

  friend bool operator==(const PlaygroundLayout&, const PlaygroundLayout&) = default;
};

// One line a member: NAME GRPC HTTP.
std::string FormatLayout(const PlaygroundLayout& layout);
// DATA_LOSS for anything that FormatLayout has not written.
absl::StatusOr<PlaygroundLayout> ParseLayout(absl::string_view text);

struct LayoutRequest {
  size_t coordinator_count = 2;
  size_t storage_node_count = 3;
  // 0: the usual ports where they are free, else any; otherwise P, P+1, ... in the order c1 gRPC,
  // c1 HTTP, c2 gRPC, ...
  uint16_t base_port = 0;
  // Whether this process may take the usual ports.
  bool usual_ports = true;
};

// Adds what is missing to `layout`, and takes what is too many off its end. Coordinators come and
// go as asked. FAILED_PRECONDITION when the storage nodes are there and not as many as asked for:
// data cannot be moved by the playground.
absl::Status CompleteLayout(const LayoutRequest& request, runtime::PortPicker& ports,
                            PlaygroundLayout& layout);

// UNAVAILABLE: somebody else listens where a member should; says who and where.
absl::Status CheckPortsAreFree(const PlaygroundLayout& layout, const runtime::PortPicker& ports);

}  // namespace quorumcache::cli
