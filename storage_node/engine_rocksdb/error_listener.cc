// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/error_listener.h"

#include "storage_node/engine_rocksdb/rocks_status.h"

namespace quorumcache::engine_rocksdb {

void ErrorListener::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                      rocksdb::Status* status) {
  const bool is_full = CauseOfRocks(*status) == engine::Cause::kDiskFull;
  health_->Worsen(is_full ? Health::State::kDiskFull : Health::State::kReadOnly,
                  status->ToString());
}

void ErrorListener::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason,
                                         rocksdb::Status status, bool* auto_recovery) {
  status.PermitUncheckedError();
  *auto_recovery = false;
}

}  // namespace quorumcache::engine_rocksdb
