// SPDX-License-Identifier: Apache-2.0
#include "storage_node/rocks_metrics.h"

#include <functional>

#include "common/metrics/names.h"

namespace quorumcache {
namespace {

namespace names = metrics::storage_node;
using engine_rocksdb::RocksEngine;
using engine_rocksdb::RocksStatistics;

std::function<double()> ReadOf(RocksEngine& engine, uint64_t RocksStatistics::*field) {
  return [&engine, field] { return static_cast<double>(engine.Statistics().*field); };
}

}  // namespace

void AddRocksMetrics(RocksEngine& engine, metrics::Registry& registry) {
  registry.AddGaugeCallback(names::kDiskBytes, ReadOf(engine, &RocksStatistics::sorted_file_bytes));
  registry.AddGaugeCallback(names::kRocksBlockCacheBytes,
                            ReadOf(engine, &RocksStatistics::block_cache_bytes));
  registry.AddGaugeCallback(names::kRocksMemtableBytes,
                            ReadOf(engine, &RocksStatistics::memtable_bytes));
  registry.AddGaugeCallback(names::kRocksPendingCompactionBytes,
                            ReadOf(engine, &RocksStatistics::compaction_pending_bytes));
  registry.AddGaugeCallback(names::kRocksStalled,
                            [&engine] { return engine.Statistics().is_stalled ? 1.0 : 0.0; });
  registry.AddCounterCallback(names::kWalSyncs, ReadOf(engine, &RocksStatistics::fsync_count));
}

}  // namespace quorumcache
