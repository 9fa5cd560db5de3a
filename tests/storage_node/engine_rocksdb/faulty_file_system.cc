// SPDX-License-Identifier: Apache-2.0
#include "tests/storage_node/engine_rocksdb/faulty_file_system.h"

#include <utility>

namespace quorumcache::engine_rocksdb {
namespace {

// As env/io_posix.cc makes it of ENOSPC.
rocksdb::IOStatus NoSpace(const std::string& name) {
  rocksdb::IOStatus status = rocksdb::IOStatus::NoSpace("injected", name);
  status.SetRetryable(true);
  return status;
}

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(const std::string& name, std::unique_ptr<rocksdb::FSWritableFile> file,
             DiskFaults* faults)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), name_(name), faults_(faults) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    if (faults_->is_full) return FailAppend(data, options, context);
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* context) override {
    if (faults_->is_full) return FailAppend(data, options, context);
    return FSWritableFileOwnerWrapper::Append(data, options, verification, context);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    ++faults_->fsync_count;
    if (faults_->fsync_fails) return rocksdb::IOStatus::IOError("fsync failed (injected)");
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* context) override {
    return Sync(options, context);
  }

 private:
  rocksdb::IOStatus FailAppend(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) {
    if (faults_->leaves_torn_data) {
      const rocksdb::Slice half(data.data(), data.size() / 2);
      FSWritableFileOwnerWrapper::Append(half, options, context).PermitUncheckedError();
    }
    return NoSpace(name_);
  }

  const std::string name_;
  DiskFaults* const faults_;
};

}  // namespace

rocksdb::IOStatus FaultyFileSystem::NewWritableFile(
    const std::string& name, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, rocksdb::IODebugContext* context) {
  if (faults_->refuses_new_files) return NoSpace(name);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &file, context);
  if (status.ok()) *result = std::make_unique<FaultyFile>(name, std::move(file), faults_);
  return status;
}

rocksdb::IOStatus FaultyFileSystem::GetFreeSpace(const std::string& path,
                                                 const rocksdb::IOOptions& options,
                                                 uint64_t* free_bytes,
                                                 rocksdb::IODebugContext* context) {
  if (!faults_->is_full) {
    return FileSystemWrapper::GetFreeSpace(path, options, free_bytes, context);
  }
  *free_bytes = 0;
  return rocksdb::IOStatus::OK();
}

}  // namespace quorumcache::engine_rocksdb
