// SPDX-License-Identifier: Apache-2.0
// StallListener: knows whether RocksDB slows or stops writes at present, in any column family.
#pragma once

#include <atomic>

#include "rocksdb/listener.h"

namespace quorumcache::engine_rocksdb {

// Thread-safe.
class StallListener : public rocksdb::EventListener {
 public:
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    const bool was_normal = info.condition.prev == rocksdb::WriteStallCondition::kNormal;
    const bool is_normal = info.condition.cur == rocksdb::WriteStallCondition::kNormal;
    if (was_normal && !is_normal) ++stalled_families_;
    if (!was_normal && is_normal) --stalled_families_;
  }

  bool IsStalled() const { return stalled_families_.load(std::memory_order_relaxed) > 0; }

 private:
  std::atomic<int> stalled_families_{0};
};

}  // namespace quorumcache::engine_rocksdb
