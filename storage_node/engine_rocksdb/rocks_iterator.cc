// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/rocks_iterator.h"

#include "common/base/check.h"
#include "rocksdb/db.h"
#include "rocksdb/iterator.h"
#include "rocksdb/options.h"
#include "rocksdb/slice.h"
#include "storage_node/engine_rocksdb/rocks_status.h"

namespace quorumcache::engine_rocksdb {

RocksIterator::RocksIterator(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family,
                             const engine::Range& range)
    : end_(range.end), upper_bound_(std::make_unique<rocksdb::Slice>(end_)) {
  rocksdb::ReadOptions options;
  if (!end_.empty()) options.iterate_upper_bound = upper_bound_.get();
  // A walk over a partition must not wash the hot blocks out.
  options.fill_cache = false;
  iterator_.reset(db->NewIterator(options, family));
  iterator_->Seek(rocksdb::Slice(range.begin.data(), range.begin.size()));
}

RocksIterator::~RocksIterator() = default;

bool RocksIterator::Valid() const {
  return iterator_->Valid();
}

void RocksIterator::Next() {
  QC_CHECK(Valid());
  iterator_->Next();
}

absl::string_view RocksIterator::key() const {
  return {iterator_->key().data(), iterator_->key().size()};
}

absl::string_view RocksIterator::value() const {
  return {iterator_->value().data(), iterator_->value().size()};
}

absl::Status RocksIterator::status() const {
  return FromRocks(iterator_->status(), "walking over stored records");
}

}  // namespace quorumcache::engine_rocksdb
