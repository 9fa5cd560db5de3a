// SPDX-License-Identifier: Apache-2.0
#include "storage_node/rocks_metrics.h"

#include <memory>
#include <vector>

#include "common/metrics/names.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace quorumcache {
namespace {

namespace names = metrics::storage_node;
using engine_rocksdb::RocksEngine;
using engine_rocksdb::RocksStatistics;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double kMicrosPerSecond = 1e6;

void Add(const metrics::MetricName& name, MetricType type, double value,
         std::vector<MetricFamily>& families) {
  MetricFamily& family = families.emplace_back();
  family.name = name.name;
  family.help = name.help;
  family.type = type;
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
}

// One look at RocksDB a scrape: its properties take locks, and the longest fsync is since the last
// look.
class RocksCollector final : public prometheus::Collectable {
 public:
  explicit RocksCollector(RocksEngine& engine) : engine_(engine) {}

  std::vector<MetricFamily> Collect() const override {
    const RocksStatistics now = engine_.Statistics();
    std::vector<MetricFamily> families;
    AddGauges(now, families);
    AddTotals(now, families);
    return families;
  }

 private:
  static void AddGauges(const RocksStatistics& now, std::vector<MetricFamily>& families) {
    const auto add = [&families](const metrics::MetricName& name, uint64_t value) {
      Add(name, MetricType::Gauge, static_cast<double>(value), families);
    };
    add(names::kDiskBytes, now.sorted_file_bytes);
    add(names::kRocksBlockCacheBytes, now.block_cache_bytes);
    add(names::kRocksBlockCacheCapacity, now.block_cache_capacity_bytes);
    add(names::kRocksMemtableBytes, now.memtable_bytes);
    add(names::kRocksPendingCompactionBytes, now.compaction_pending_bytes);
    add(names::kRocksStalled, now.is_stalled ? 1 : 0);
    Add(names::kWalSyncMax, MetricType::Gauge,
        static_cast<double>(now.fsync_micros_max) / kMicrosPerSecond, families);
  }

  static void AddTotals(const RocksStatistics& now, std::vector<MetricFamily>& families) {
    const auto add = [&families](const metrics::MetricName& name, uint64_t value, double unit = 1) {
      Add(name, MetricType::Counter, static_cast<double>(value) / unit, families);
    };
    add(names::kRocksBlockCacheHits, now.block_cache_hits);
    add(names::kRocksBlockCacheMisses, now.block_cache_misses);
    add(names::kRocksStallSeconds, now.stall_micros, kMicrosPerSecond);
    add(names::kWalBytes, now.wal_bytes_written);
    add(names::kWalSyncs, now.fsync_count);
    add(names::kWalSyncSeconds, now.fsync_micros, kMicrosPerSecond);
  }

  RocksEngine& engine_;
};

}  // namespace

void AddRocksMetrics(RocksEngine& engine, metrics::Registry& registry) {
  registry.AddCollectable(std::make_shared<RocksCollector>(engine));
}

}  // namespace quorumcache
