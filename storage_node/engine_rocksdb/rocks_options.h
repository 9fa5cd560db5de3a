// SPDX-License-Identifier: Apache-2.0
// How RocksDB is set up, and why: docs/PERFORMANCE.md#rocksdb, docs/PROTOCOL.md#replica.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"

namespace rocksdb {
class Cache;
class Env;
class EventListener;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace quorumcache::engine_rocksdb {

struct RocksOptions {
  // Blocks read from sorted files. Hot records are in the replica's record cache, above this one.
  size_t block_cache_bytes = size_t{256} << 20;
  // Of records; up to four of them are in memory. Larger ones mean fewer, larger files.
  size_t write_buffer_bytes = size_t{64} << 20;
  // What was written without fsync is on the disk after so long.
  absl::Duration wal_sync_interval = absl::Seconds(1);
  // Writing is tried again once so much space is free.
  uint64_t resume_free_bytes_min = uint64_t{64} << 20;
  // What takes longer than this is lost, and only a restart helps: see resumer.h.
  absl::Duration resume_patience = absl::Seconds(30);
  // Counters of RocksDB's own, for metrics.
  bool statistics = true;
  // Null: the machine's. Tests bring one whose disk fails. Outlives the engine.
  rocksdb::Env* env = nullptr;
};

rocksdb::DBOptions MakeDbOptions(const RocksOptions& options,
                                 std::vector<std::shared_ptr<rocksdb::EventListener>> listeners);
// For records: point lookups of keys that mostly exist, values of some 100 bytes and up.
rocksdb::ColumnFamilyOptions MakeRecordOptions(const RocksOptions& options,
                                               const std::shared_ptr<rocksdb::Cache>& cache);
// For promises and meta: small, short-lived rows.
rocksdb::ColumnFamilyOptions MakeSmallOptions(const RocksOptions& options,
                                              const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace quorumcache::engine_rocksdb
