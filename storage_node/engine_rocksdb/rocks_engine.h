// SPDX-License-Identifier: Apache-2.0
// RocksEngine: the engine of a storage node, on RocksDB.
//
// Families are column families over one WAL, so a batch is atomic and one fsync covers all of it. A
// write is in the WAL in the page cache when Write returns, and on the disk when it was asked for,
// or else after RocksOptions::wal_sync_interval at the latest.
//
// When the disk is full, or RocksDB meets an error in the background, writes fail with the reason
// and reads go on (Health, health.h). Once RocksOptions::resume_free_bytes_min are free again,
// writing resumes by itself.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage_node/engine/engine.h"
#include "storage_node/engine_rocksdb/health.h"
#include "storage_node/engine_rocksdb/resumer.h"
#include "storage_node/engine_rocksdb/rocks_options.h"
#include "storage_node/engine_rocksdb/stall_listener.h"
#include "storage_node/engine_rocksdb/ticker.h"
#include "storage_node/engine_rocksdb/wal_guard.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Statistics;
class WriteBatch;
}  // namespace rocksdb

namespace quorumcache::engine_rocksdb {

// For metrics. Totals are since the start.
struct RocksStatistics {
  uint64_t block_cache_hits = 0;
  uint64_t block_cache_misses = 0;
  uint64_t block_cache_bytes = 0;
  uint64_t block_cache_capacity_bytes = 0;
  uint64_t memtable_bytes = 0;
  uint64_t sorted_file_bytes = 0;
  uint64_t wal_bytes_written = 0;
  uint64_t compaction_pending_bytes = 0;
  uint64_t stall_micros = 0;
  bool is_stalled = false;
  uint64_t fsync_count = 0;
  uint64_t fsync_micros = 0;
  // The longest since the last call of Statistics().
  uint64_t fsync_micros_max = 0;
};

// Thread-safe, but for Write, which comes from one thread at a time.
class RocksEngine : public engine::Engine {
 public:
  // Opens or creates the database in `path`. kLocked: another process has it; kCorrupt: it fails
  // its checks, and is not opened; kInvalid, kDiskFull, kIo.
  static absl::StatusOr<std::unique_ptr<RocksEngine>> Open(const std::string& path,
                                                           const RocksOptions& options);
  // Syncs the WAL, unless an earlier sync has failed.
  ~RocksEngine() override;

  void MultiGet(engine::Family family, std::span<const absl::string_view> keys,
                std::span<engine::Lookup> lookups) override;
  absl::Status Write(const engine::WriteBatch& batch, bool fsync) override;
  std::unique_ptr<engine::Iterator> NewIterator(engine::Family family,
                                                const engine::Range& range) override;
  uint64_t ApproximateBytes(engine::Family family, const engine::Range& range) override;
  uint64_t ApproximateEntries(engine::Family family) override;
  absl::Status Health() const override { return health_.ToStatus(); }
  bool WritesAreStalled() const override { return stall_->IsStalled(); }

  RocksStatistics Statistics();
  // Writes the memtables out as sorted files. Blocks; for tests and before a backup.
  absl::Status FlushMemtables();

 private:
  RocksEngine(const std::string& path, const RocksOptions& options);

  absl::Status OpenDatabase();
  rocksdb::ColumnFamilyHandle* handle(engine::Family family) const {
    return handles_[static_cast<size_t>(family)];
  }
  void GetOne(engine::Family family, absl::string_view key, engine::Lookup* lookup);
  void GetSome(engine::Family family, std::span<const absl::string_view> keys,
               std::span<engine::Lookup> lookups);
  // Keeps the logs that the small families hold on to within bounds.
  absl::Status FlushSmallFamiliesIfDue(size_t batch_bytes);
  // Puts something into a memtable, so that one is never empty when the WAL is written: see
  // rocks_engine.cc.
  absl::Status PlaceMarker();
  // Adds one change to batch_.
  absl::Status Append(const engine::WriteBatch::Change& change);
  // Fsyncs what has been written; a failure fences.
  absl::Status SyncWal();
  void NoteFsync(int64_t micros);
  // Every wal_sync_interval: syncs, and looks whether space has returned.
  void Tick();
  void SyncBesideWrites();
  void ResumeIfSpaceReturned();
  bool Resume();
  // Makes Resume() return; the engine is closed next.
  void GiveUp();

  const std::string path_;
  const RocksOptions options_;
  class Health health_;
  std::shared_ptr<WalGuard> wal_guard_;
  std::unique_ptr<rocksdb::Env> env_;
  const std::shared_ptr<StallListener> stall_ = std::make_shared<StallListener>();
  std::shared_ptr<rocksdb::Statistics> statistics_;
  std::array<rocksdb::ColumnFamilyHandle*, engine::kFamilyCount> handles_{};
  std::unique_ptr<rocksdb::DB> db_;
  // Held while RocksDB writes, which is never waited for long.
  base::Mutex write_mutex_;
  // Reused by Write.
  std::unique_ptr<rocksdb::WriteBatch> batch_;
  // Written since the small families were last flushed.
  uint64_t bytes_since_small_flush_ = 0;
  // No memtable is known to hold anything.
  std::atomic<bool> needs_marker_{true};
  // Something has been written since the last sync began.
  std::atomic<bool> has_unsynced_{false};
  std::atomic<uint64_t> fsync_count_{0};
  std::atomic<uint64_t> fsync_micros_{0};
  std::atomic<uint64_t> fsync_micros_max_{0};
  // The ticker's.
  std::unique_ptr<Resumer> resumer_;
  // Last: stops before anything it uses goes.
  std::unique_ptr<Ticker> ticker_;
};

}  // namespace quorumcache::engine_rocksdb
