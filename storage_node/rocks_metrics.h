// SPDX-License-Identifier: Apache-2.0
// The metrics of a storage node's RocksDB.
#pragma once

#include "common/metrics/registry.h"
#include "storage_node/engine_rocksdb/rocks_engine.h"

namespace quorumcache {

// `engine` outlives the last scrape.
void AddRocksMetrics(engine_rocksdb::RocksEngine& engine, metrics::Registry& registry);

}  // namespace quorumcache
