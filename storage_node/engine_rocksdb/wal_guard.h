// SPDX-License-Identifier: Apache-2.0
// WalGuard: the file system under RocksDB, which keeps a failed write to a log and an fsync of that
// log apart.
//
// RocksDB 7.8, as Debian builds it, aborts the process when SyncWAL() meets a log whose last append
// has failed (WritableFileWriter::AssertFalseAndGetStatusForPrevError), and nothing in it keeps the
// thread that writes and the one that syncs from meeting there. With this below it, Health knows of
// the failure before RocksDB does, and RocksDB hears of it only while nobody syncs.
#pragma once

#include <memory>
#include <string>

#include "common/base/mutex.h"
#include "rocksdb/file_system.h"
#include "storage_node/engine_rocksdb/health.h"

namespace quorumcache::engine_rocksdb {

// Thread-safe. Outlives the database over it; `health` outlives both.
class WalGuard final : public rocksdb::FileSystemWrapper {
 public:
  WalGuard(const std::shared_ptr<rocksdb::FileSystem>& target, Health* health)
      : rocksdb::FileSystemWrapper(target), health_(health) {}

  // Held by who syncs the log on another thread than the one that writes: first this, then a look
  // at Health, then SyncWAL().
  base::Mutex& sync_mutex() { return sync_mutex_; }

  const char* Name() const override { return "WalGuard"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override;

  // A log has not taken what was appended to it. Waits for sync_mutex().
  void NoteFailedAppend(const rocksdb::IOStatus& status);

 private:
  Health* const health_;
  base::Mutex sync_mutex_;
};

}  // namespace quorumcache::engine_rocksdb
