// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/rocks_options.h"

#include <algorithm>
#include <utility>

#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"
#include "rocksdb/statistics.h"
#include "rocksdb/table.h"

namespace quorumcache::engine_rocksdb {
namespace {

constexpr size_t kSmallWriteBufferBytes = size_t{4} << 20;
constexpr size_t kInfoLogBytesMax = size_t{4} << 20;
// 1 % false positives: one needless block read in a hundred misses.
constexpr double kBloomBitsPerKey = 10;
// Of the write buffer; with it a miss in the memtable costs no skip-list search.
constexpr double kMemtableBloomRatio = 0.02;

std::shared_ptr<rocksdb::TableFactory> MakeTableFactory(
    const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

rocksdb::ColumnFamilyOptions MakeCommonOptions(const std::shared_ptr<rocksdb::Cache>& cache,
                                               size_t write_buffer_bytes) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = kMemtableBloomRatio;
  options.level_compaction_dynamic_level_bytes = true;
  // Cached values are often compressed by their owners, and CPU is what a request costs here.
  options.compression = rocksdb::kNoCompression;
  options.table_factory = MakeTableFactory(cache);
  return options;
}

}  // namespace

rocksdb::DBOptions MakeDbOptions(const RocksOptions& options,
                                 std::vector<std::shared_ptr<rocksdb::EventListener>> listeners) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // The default stops silently at the first bad record, wherever it is, and would lose acknowledged
  // writes behind it. A torn record at the very end was never acknowledged.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.verify_sst_unique_id_in_manifest = true;
  db.paranoid_checks = true;
  // Space comes back when it comes back: RocksEngine asks for it, RocksDB does not retry by itself.
  db.max_bgerror_resume_count = 0;
  db.listeners = std::move(listeners);
  db.max_background_jobs = 2;
  // All that counts is in the WAL: a stop need not wait for a flush.
  db.avoid_flush_during_shutdown = true;
  // RocksEngine::FlushSmallFamiliesIfDue bounds the logs; RocksDB's own way would empty all
  // memtables at once.
  db.max_total_wal_size = uint64_t{1} << 40;
  // Files reach the disk as they are written, not all at once at the end.
  db.bytes_per_sync = size_t{1} << 20;
  db.avoid_unnecessary_blocking_io = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = kInfoLogBytesMax;
  db.keep_log_file_num = 4;
  if (options.statistics) {
    db.statistics = rocksdb::CreateDBStatistics();
    db.statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  }
  return db;
}

rocksdb::ColumnFamilyOptions MakeRecordOptions(const RocksOptions& options,
                                               const std::shared_ptr<rocksdb::Cache>& cache) {
  return MakeCommonOptions(cache, options.write_buffer_bytes);
}

rocksdb::ColumnFamilyOptions MakeSmallOptions(const RocksOptions& options,
                                              const std::shared_ptr<rocksdb::Cache>& cache) {
  return MakeCommonOptions(cache, std::min(kSmallWriteBufferBytes, options.write_buffer_bytes));
}

}  // namespace quorumcache::engine_rocksdb
