// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/rocks_engine.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"
#include "rocksdb/statistics.h"
#include "rocksdb/write_batch.h"
#include "storage_node/engine_rocksdb/error_listener.h"
#include "storage_node/engine_rocksdb/rocks_iterator.h"
#include "storage_node/engine_rocksdb/rocks_status.h"

namespace quorumcache::engine_rocksdb {
namespace {

using engine::Family;
using engine::Lookup;

// A full disk tears the record that was being written to the WAL, and RocksDB's Resume() gives up
// that log by flushing what is in the memtables, which starts a new one. With all memtables empty
// it starts none: it goes on writing behind the torn record, and RocksDB 7.8 then aborts. So a row
// that is in no WAL is placed in a memtable whenever all of them may be empty. This is its key;
// nobody reads it.
constexpr char kMarkerKey[] = "!marker";

// RocksDB works through a MultiGet in groups of 32 (MultiGetContext::MAX_BATCH_SIZE).
constexpr size_t kMultiGetKeysMax = 32;

rocksdb::Slice ToSlice(absl::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

// Above every key: tokens have 8 bytes, and what follows is a namespace, which is ASCII.
std::string KeyAboveAll() {
  return std::string(engine::kFamilyCount + 16, '\xff');
}

std::vector<rocksdb::ColumnFamilyDescriptor> Families(const RocksOptions& options) {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  // In the order of engine::Family.
  return {{rocksdb::kDefaultColumnFamilyName, MakeRecordOptions(options, cache)},
          {"promises", MakeSmallOptions(options, cache)},
          {"meta", MakeSmallOptions(options, cache)}};
}

void TakeResult(const rocksdb::Status& status, absl::string_view value, Lookup* lookup) {
  lookup->found = status.ok();
  if (status.ok()) {
    lookup->status = absl::OkStatus();
    if (value.data() != lookup->value.data()) lookup->value.assign(value.data(), value.size());
    return;
  }
  lookup->status =
      status.IsNotFound() ? absl::OkStatus() : FromRocks(status, "reading a stored record");
}

// SyncWAL() syncs the logs, and then writes down in the manifest which of them are complete: an
// error that names no log is one of the second step.
bool IsOutOfSpaceElsewhere(const rocksdb::Status& status) {
  return status.IsNoSpace() && !absl::StrContains(status.ToString(), ".log");
}

}  // namespace

RocksEngine::RocksEngine(const std::string& path, const RocksOptions& options)
    : path_(path), options_(options), batch_(std::make_unique<rocksdb::WriteBatch>()) {}

absl::StatusOr<std::unique_ptr<RocksEngine>> RocksEngine::Open(const std::string& path,
                                                               const RocksOptions& options) {
  std::unique_ptr<RocksEngine> engine(new RocksEngine(path, options));
  QC_RETURN_IF_ERROR(engine->OpenDatabase());
  engine->ticker_ =
      std::make_unique<Ticker>(options.wal_sync_interval, [raw = engine.get()] { raw->Tick(); });
  return engine;
}

absl::Status RocksEngine::OpenDatabase() {
  rocksdb::DBOptions db_options =
      MakeDbOptions(options_, {std::make_shared<ErrorListener>(&health_), stall_});
  wal_guard_ = std::make_shared<WalGuard>(db_options.env->GetFileSystem(), &health_);
  env_ = rocksdb::NewCompositeEnv(wal_guard_);
  db_options.env = env_.get();
  statistics_ = db_options.statistics;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, path_, Families(options_), &handles, &db);
  if (CauseOfRocks(status) == engine::Cause::kLocked) {
    return engine::MakeError(engine::Cause::kLocked, absl::StrCat("the data directory ", path_,
                                                                  " is in use by another process"));
  }
  QC_RETURN_IF_ERROR(FromRocks(status, absl::StrCat("opening ", path_)));
  QC_CHECK(handles.size() == handles_.size());
  std::copy(handles.begin(), handles.end(), handles_.begin());
  db_.reset(db);
  resumer_ = std::make_unique<Resumer>(Resumer::Parts{.resume = [this] { return Resume(); },
                                                      .cancel = [this] { GiveUp(); },
                                                      .patience = options_.resume_patience},
                                       &health_);
  return absl::OkStatus();
}

RocksEngine::~RocksEngine() {
  ticker_.reset();
  resumer_.reset();
  if (db_ == nullptr) return;
  if (health_.state() == Health::State::kWritable) SyncWal().IgnoreError();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

void RocksEngine::MultiGet(Family family, std::span<const absl::string_view> keys,
                           std::span<Lookup> lookups) {
  QC_CHECK(keys.size() == lookups.size());
  if (keys.size() == 1) return GetOne(family, keys[0], &lookups[0]);
  for (size_t begin = 0; begin < keys.size(); begin += kMultiGetKeysMax) {
    const size_t count = std::min(kMultiGetKeysMax, keys.size() - begin);
    GetSome(family, keys.subspan(begin, count), lookups.subspan(begin, count));
  }
}

void RocksEngine::GetOne(Family family, absl::string_view key, Lookup* lookup) {
  rocksdb::PinnableSlice value(&lookup->value);
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), handle(family), ToSlice(key), &value);
  TakeResult(status, absl::string_view(value.data(), value.size()), lookup);
}

void RocksEngine::GetSome(Family family, std::span<const absl::string_view> keys,
                          std::span<Lookup> lookups) {
  std::array<rocksdb::Slice, kMultiGetKeysMax> slices;
  std::array<rocksdb::PinnableSlice, kMultiGetKeysMax> values;
  std::array<rocksdb::Status, kMultiGetKeysMax> statuses;
  std::transform(keys.begin(), keys.end(), slices.begin(), ToSlice);
  db_->MultiGet(rocksdb::ReadOptions(), handle(family), keys.size(), slices.data(), values.data(),
                statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    TakeResult(statuses[i], absl::string_view(values[i].data(), values[i].size()), &lookups[i]);
  }
}

absl::Status RocksEngine::Write(const engine::WriteBatch& batch, bool fsync) {
  QC_RETURN_IF_ERROR(health_.ToStatus());
  if (!batch.empty()) {
    QC_RETURN_IF_ERROR(FlushSmallFamiliesIfDue(batch.bytes()));
    if (needs_marker_.load(std::memory_order_acquire)) QC_RETURN_IF_ERROR(PlaceMarker());
    batch_->Clear();
    for (size_t i = 0; i < batch.size(); ++i) {
      QC_RETURN_IF_ERROR(Append(batch.at(i)));
    }
    base::MutexLock lock(write_mutex_);
    QC_RETURN_IF_ERROR(
        FromRocks(db_->Write(rocksdb::WriteOptions(), batch_.get()), "writing a batch"));
    has_unsynced_.store(true, std::memory_order_release);
  }
  return fsync ? SyncWal() : absl::OkStatus();
}

absl::Status RocksEngine::FlushSmallFamiliesIfDue(size_t batch_bytes) {
  bytes_since_small_flush_ += batch_bytes;
  // Every log is kept until each family with something in its memtable has flushed it, and the
  // small ones would take for ever to fill theirs.
  if (bytes_since_small_flush_ < options_.write_buffer_bytes) return absl::OkStatus();
  bytes_since_small_flush_ = 0;
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  needs_marker_.store(true, std::memory_order_release);
  return FromRocks(db_->Flush(options, {handle(Family::kPromises), handle(Family::kMeta)}),
                   "flushing small families");
}

absl::Status RocksEngine::PlaceMarker() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  QC_RETURN_IF_ERROR(FromRocks(
      db_->Put(options, handle(Family::kMeta), rocksdb::Slice(kMarkerKey), rocksdb::Slice()),
      "placing the marker"));
  needs_marker_.store(false, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status RocksEngine::Append(const engine::WriteBatch::Change& change) {
  using Kind = engine::WriteBatch::Kind;
  rocksdb::ColumnFamilyHandle* family = handle(change.family);
  const rocksdb::Slice key = ToSlice(change.key);
  switch (change.kind) {
    case Kind::kPut:
      return FromRocks(batch_->Put(family, key, ToSlice(change.value)), "adding to a batch");
    case Kind::kDelete:
      return FromRocks(batch_->Delete(family, key), "adding to a batch");
    case Kind::kDeleteRange:
      break;
  }
  const std::string end = change.value.empty() ? KeyAboveAll() : std::string(change.value);
  return FromRocks(batch_->DeleteRange(family, key, end), "adding to a batch");
}

absl::Status RocksEngine::SyncWal() {
  // A write that comes while the sync runs may not be in it, so the mark goes first.
  has_unsynced_.store(false, std::memory_order_release);
  const auto start = std::chrono::steady_clock::now();
  const rocksdb::Status status = db_->SyncWAL();
  NoteFsync(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  start)
                .count());
  if (status.ok()) return absl::OkStatus();
  if (IsOutOfSpaceElsewhere(status)) {
    // The log itself has been synced; what failed is RocksDB's note of that.
    health_.Worsen(Health::State::kDiskFull, status.ToString());
    return absl::OkStatus();
  }
  health_.Worsen(Health::State::kFenced, absl::StrCat("an fsync failed: ", status.ToString()));
  return health_.ToStatus();
}

void RocksEngine::NoteFsync(int64_t micros) {
  const uint64_t elapsed = static_cast<uint64_t>(micros);
  fsync_count_.fetch_add(1, std::memory_order_relaxed);
  fsync_micros_.fetch_add(elapsed, std::memory_order_relaxed);
  uint64_t longest = fsync_micros_max_.load(std::memory_order_relaxed);
  while (longest < elapsed && !fsync_micros_max_.compare_exchange_weak(longest, elapsed)) {
  }
}

void RocksEngine::Tick() {
  if (health_.state() == Health::State::kDiskFull) ResumeIfSpaceReturned();
  if (health_.state() != Health::State::kWritable) return;
  if (has_unsynced_.load(std::memory_order_acquire)) SyncBesideWrites();
}

void RocksEngine::SyncBesideWrites() {
  base::MutexLock lock(wal_guard_->sync_mutex());
  if (health_.state() == Health::State::kWritable) SyncWal().IgnoreError();
}

void RocksEngine::ResumeIfSpaceReturned() {
  uint64_t free_bytes = 0;
  if (!db_->GetEnv()->GetFreeSpace(path_, &free_bytes).ok()) return;
  if (free_bytes < options_.resume_free_bytes_min) return;
  resumer_->Run();
}

bool RocksEngine::Resume() {
  {
    // The write that failed has told RocksDB of it once it has returned; no other one begins.
    base::MutexLock lock(write_mutex_);
  }
  needs_marker_.store(true, std::memory_order_release);
  return db_->Resume().ok();
}

void RocksEngine::GiveUp() {
  // It would wait for the same flush; what is in the memtables is in the log as well.
  db_->SetDBOptions({{"avoid_flush_during_shutdown", "true"}}).PermitUncheckedError();
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/false);
}

std::unique_ptr<engine::Iterator> RocksEngine::NewIterator(Family family,
                                                           const engine::Range& range) {
  return std::make_unique<RocksIterator>(db_.get(), handle(family), range);
}

uint64_t RocksEngine::ApproximateBytes(Family family, const engine::Range& range) {
  const std::string end = range.end.empty() ? KeyAboveAll() : std::string(range.end);
  const rocksdb::Range rocks_range(ToSlice(range.begin), end);
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  uint64_t bytes = 0;
  db_->GetApproximateSizes(options, handle(family), &rocks_range, 1, &bytes).PermitUncheckedError();
  return bytes;
}

uint64_t RocksEngine::ApproximateEntries(Family family) {
  uint64_t entries = 0;
  db_->GetIntProperty(handle(family), rocksdb::DB::Properties::kEstimateNumKeys, &entries);
  return entries;
}

RocksStatistics RocksEngine::Statistics() {
  RocksStatistics result;
  const auto property = [this](const std::string& name) {
    uint64_t value = 0;
    db_->GetAggregatedIntProperty(name, &value);
    return value;
  };
  using Properties = rocksdb::DB::Properties;
  result.memtable_bytes = property(Properties::kCurSizeAllMemTables);
  result.sorted_file_bytes = property(Properties::kTotalSstFilesSize);
  result.compaction_pending_bytes = property(Properties::kEstimatePendingCompactionBytes);
  db_->GetIntProperty(Properties::kBlockCacheUsage, &result.block_cache_bytes);
  db_->GetIntProperty(Properties::kBlockCacheCapacity, &result.block_cache_capacity_bytes);
  uint64_t is_stopped = 0;
  uint64_t delayed_rate = 0;
  db_->GetIntProperty(Properties::kIsWriteStopped, &is_stopped);
  db_->GetIntProperty(Properties::kActualDelayedWriteRate, &delayed_rate);
  result.is_stalled = is_stopped != 0 || delayed_rate != 0;
  if (statistics_ != nullptr) {
    result.block_cache_hits = statistics_->getTickerCount(rocksdb::BLOCK_CACHE_HIT);
    result.block_cache_misses = statistics_->getTickerCount(rocksdb::BLOCK_CACHE_MISS);
    result.wal_bytes_written = statistics_->getTickerCount(rocksdb::WAL_FILE_BYTES);
    result.stall_micros = statistics_->getTickerCount(rocksdb::STALL_MICROS);
  }
  result.fsync_count = fsync_count_.load(std::memory_order_relaxed);
  result.fsync_micros = fsync_micros_.load(std::memory_order_relaxed);
  result.fsync_micros_max = fsync_micros_max_.exchange(0, std::memory_order_relaxed);
  return result;
}

absl::Status RocksEngine::FlushMemtables() {
  const std::vector<rocksdb::ColumnFamilyHandle*> handles(handles_.begin(), handles_.end());
  needs_marker_.store(true, std::memory_order_release);
  return FromRocks(db_->Flush(rocksdb::FlushOptions(), handles), "flushing memtables");
}

}  // namespace quorumcache::engine_rocksdb
