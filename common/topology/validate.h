// SPDX-License-Identifier: Apache-2.0
// Which cluster maps are possible, and which may follow which.
//
// Run on everything that comes from outside (a store, a message) and before everything that is
// published: the rest of the system relies on these rules without checking them again.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology {

// OK, or INVALID_ARGUMENT that names the field, what is wrong with it and what is allowed. Each
// takes text as a user typed it.
absl::Status ValidateNodeId(absl::string_view id);
// host:port, where host is a name, an IPv4 address or an IPv6 address in brackets, and port is 1 to
// 65535.
absl::Status ValidateAddress(absl::string_view address);
absl::Status ValidateZone(absl::string_view zone);

// One map alone; reports the first fault found. O(size of the map).
absl::Status Validate(const ClusterMap& map);

// Whether `after` may be published on top of `before` (docs/PROTOCOL.md#topology): the epoch grows
// by one, what is fixed stays, an entry that changed carries the new epoch, one slot of a partition
// changes at a time and never from one holder to another without both in between, and floors never
// go down. Both must be valid. FAILED_PRECONDITION, saying which rule is broken and where.
absl::Status ValidateSuccessor(const ClusterMap& before, const ClusterMap& after);

}  // namespace quorumcache::topology
