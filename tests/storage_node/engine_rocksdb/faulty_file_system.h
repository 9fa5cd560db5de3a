// SPDX-License-Identifier: Apache-2.0
// FaultyFileSystem: the machine's file system, until a test makes it fail.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace quorumcache::engine_rocksdb {

// The faults of one disk. Thread-safe: RocksDB's threads look, the test changes.
struct DiskFaults {
  // Appends fail with ENOSPC, and no space is free.
  std::atomic<bool> is_full{false};
  // Files cannot even be created.
  std::atomic<bool> refuses_new_files{false};
  // An append that fails leaves the first half of its bytes behind, as a real disk does.
  std::atomic<bool> leaves_torn_data{true};
  // Fsyncs fail with EIO.
  std::atomic<bool> fsync_fails{false};
  std::atomic<uint64_t> fsync_count{0};
};

// Thread-safe. `faults` outlives it and every file opened through it.
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(DiskFaults* faults)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 uint64_t* free_bytes, rocksdb::IODebugContext* context) override;

 private:
  DiskFaults* const faults_;
};

}  // namespace quorumcache::engine_rocksdb
