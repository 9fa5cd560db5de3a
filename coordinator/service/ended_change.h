// SPDX-License-Identifier: Apache-2.0
// How a change of the cluster has ended, from two maps: it is in neither of them in words, and who
// waits for it must know whether it was done.
//
// Pure.
#pragma once

#include <optional>

#include "common/topology/cluster_map.h"
#include "coordinator/service/cluster_admin.h"

namespace quorumcache::service {

// The change that was under way in `before` and is not in `after`, a later map; nullopt: there is
// none. There may be maps between the two, but not a whole change: then what the next one has moved
// or weighed again is not held against this one. O(moves that were left).
std::optional<EndedChange> FindEndedChange(const topology::ClusterMap& before,
                                           const topology::ClusterMap& after);

}  // namespace quorumcache::service
