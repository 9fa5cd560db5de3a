// SPDX-License-Identifier: Apache-2.0
// RocksIterator: a walk over a range of one family, over the state at its making.
#pragma once

#include <memory>
#include <string>

#include "storage_node/engine/engine.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Iterator;
class Slice;
}  // namespace rocksdb

namespace quorumcache::engine_rocksdb {

// Thread-compatible. Pins the sorted files it reads: not to be kept for long.
class RocksIterator : public engine::Iterator {
 public:
  // `range` is copied; the others outlive the iterator.
  RocksIterator(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family, const engine::Range& range);
  ~RocksIterator() override;

  bool Valid() const override;
  void Next() override;
  absl::string_view key() const override;
  absl::string_view value() const override;
  absl::Status status() const override;

 private:
  // RocksDB borrows the bound for as long as the iterator lives.
  const std::string end_;
  const std::unique_ptr<rocksdb::Slice> upper_bound_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace quorumcache::engine_rocksdb
