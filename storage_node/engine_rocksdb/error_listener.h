// SPDX-License-Identifier: Apache-2.0
// ErrorListener: takes RocksDB's background errors into an engine's Health.
#pragma once

#include "rocksdb/listener.h"
#include "storage_node/engine_rocksdb/health.h"

namespace quorumcache::engine_rocksdb {

// Thread-safe. `health` outlives the database.
class ErrorListener : public rocksdb::EventListener {
 public:
  explicit ErrorListener(Health* health) : health_(health) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  // RocksEngine decides when to try again: it looks at the free space first.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status status,
                            bool* auto_recovery) override;

 private:
  Health* const health_;
};

}  // namespace quorumcache::engine_rocksdb
