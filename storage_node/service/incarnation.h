// SPDX-License-Identifier: Apache-2.0
// How a data directory and the cluster map come to know each other: docs/PROTOCOL.md#topology.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"
#include "storage_node/service/data_directory.h"

namespace quorumcache::node_service {

// Binds `node_id` to `incarnation` in the map by compare-and-set, unless it is already; returns the
// map that says so. FAILED_PRECONDITION: the node is not in the map, or bound to another one.
// Blocks; tries again when other nodes change the map meanwhile.
absl::StatusOr<topology::ClusterMap> BindIncarnation(topology::TopologyStore& store,
                                                     absl::string_view node_id,
                                                     uint64_t incarnation);

// Decides whether `directory` may serve as `node_id` (CheckStart), gives it an identity where it
// has none, binds it where the map has the node, and marks it as running (not clean). Returns the
// identity.
absl::StatusOr<Identity> TakeIdentity(topology::TopologyStore& store, DataDirectory& directory,
                                      absl::string_view node_id, bool accept_rollback);

}  // namespace quorumcache::node_service
