// SPDX-License-Identifier: Apache-2.0
// What every topology store refuses, and with which words.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology_base {

// For TopologyStore::CompareAndSet: whether `map` may follow `present`, which the caller expects to
// be at `expected_epoch`. ABORTED, FAILED_PRECONDITION: see there. Requires: `map` is valid.
absl::Status CheckChange(const topology::ClusterMap& present, uint64_t expected_epoch,
                         const topology::ClusterMap& map, absl::string_view place);

// For TopologyStore::TryAcquireLease: INVALID_ARGUMENT where `holder` is no name.
absl::Status CheckLeaseHolder(absl::string_view holder);

}  // namespace quorumcache::topology_base
