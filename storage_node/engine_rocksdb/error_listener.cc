// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/error_listener.h"

#include "storage_node/engine_rocksdb/rocks_status.h"

namespace quorumcache::engine_rocksdb {

void ErrorListener::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                      rocksdb::Status* status) {
  // Want of space is usually over when there is space. Where RocksDB calls it fatal (it could not
  // even create a log file), it never resumes.
  const bool is_passing = CauseOfRocks(*status) == engine::Cause::kDiskFull &&
                          status->severity() < rocksdb::Status::Severity::kFatalError;
  health_->Worsen(is_passing ? Health::State::kDiskFull : Health::State::kReadOnly,
                  status->ToString());
}

void ErrorListener::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason,
                                         rocksdb::Status status, bool* auto_recovery) {
  status.PermitUncheckedError();
  *auto_recovery = false;
}

}  // namespace quorumcache::engine_rocksdb
