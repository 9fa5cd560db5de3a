// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/wal_guard.h"

#include <utility>

#include "absl/strings/match.h"

namespace quorumcache::engine_rocksdb {
namespace {

class GuardedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  GuardedLog(std::unique_ptr<rocksdb::FSWritableFile> file, WalGuard* guard)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), guard_(guard) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    return Noted(FSWritableFileOwnerWrapper::Append(data, options, context));
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* context) override {
    return Noted(FSWritableFileOwnerWrapper::Append(data, options, verification, context));
  }

 private:
  rocksdb::IOStatus Noted(rocksdb::IOStatus status) {
    if (!status.ok()) guard_->NoteFailedAppend(status);
    return status;
  }

  WalGuard* const guard_;
};

}  // namespace

rocksdb::IOStatus WalGuard::NewWritableFile(const std::string& name,
                                            const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                                            rocksdb::IODebugContext* context) {
  rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, context);
  if (status.ok() && absl::EndsWith(name, ".log")) {
    *result = std::make_unique<GuardedLog>(std::move(*result), this);
  }
  return status;
}

void WalGuard::NoteFailedAppend(const rocksdb::IOStatus& status) {
  base::MutexLock lock(sync_mutex_);
  health_->Worsen(status.IsNoSpace() ? Health::State::kDiskFull : Health::State::kReadOnly,
                  status.ToString());
}

}  // namespace quorumcache::engine_rocksdb
