// SPDX-License-Identifier: Apache-2.0
// Opens the topology store that a process was told to use: the one place that knows all of them.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "common/topology/topology_store.h"
#include "common/topology_stores/store_options.h"

namespace quorumcache::topology_stores {

// `seed`: random, another one in each process. Connects when the store is first used.
// INVALID_ARGUMENT: see CheckStoreOptions. NOT_FOUND, UNAVAILABLE: a file that the options name
// cannot be read.
absl::StatusOr<std::unique_ptr<topology::TopologyStore>> OpenStore(const StoreOptions& options,
                                                                   uint64_t seed);

}  // namespace quorumcache::topology_stores
