// SPDX-License-Identifier: Apache-2.0
// The cluster map of a playground: made on the first start, and checked against what is asked for
// later on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/playground_layout.h"

namespace quorumcache::cli {

struct MapRequest {
  std::vector<PlaygroundMember> storage_nodes;
  uint32_t zones = 1;
  uint32_t replication_factor = 3;
  uint32_t partitions = 256;
  // "default" is always there.
  std::vector<std::string> namespaces;
};

// `members`, each with the gRPC address that `advertise` (a list of NODE=HOST:PORT) gives it
// instead of its own. INVALID_ARGUMENT: not of that form, or no such member.
absl::StatusOr<std::vector<PlaygroundMember>> Advertised(std::vector<PlaygroundMember> members,
                                                         const std::vector<std::string>& advertise);

// The map in `path` names these nodes and has these namespaces; what it was made with (replication
// factor, partitions, zones) stays as it is. FAILED_PRECONDITION, DATA_LOSS: it does not, or cannot
// be read.
absl::Status EnsureMap(const std::string& path, const MapRequest& request);

// With its parents. UNAVAILABLE: the system's reason.
absl::Status MakeDirectory(const std::string& path);

}  // namespace quorumcache::cli
