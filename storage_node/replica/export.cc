// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/export.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "storage_node/engine/record_codec.h"

namespace quorumcache::replica {
namespace {

// A few milliseconds of work, and of a gigabit link.
constexpr size_t kPageSizeBytesDefault = size_t{256} << 10;
constexpr size_t kRowsMax = 2000;

// A page has the promise beside the record, which is in format 1 there: nodes of earlier releases
// read it, too.
void TakeRecord(absl::string_view stored, TransferRow* row) {
  const engine::StateHeader header = engine::DecodeHeader(stored);
  if (header.promised.IsZero()) {
    row->record.assign(stored.data(), stored.size());
    return;
  }
  row->promised = header.promised;
  engine::EncodeRecord(row->engine_key, {header.accepted, header.previous, model::Ballot{}},
                       engine::DecodeRecord(stored), &row->record);
}

// Walks the two families side by side; they are of one moment, as nobody writes meanwhile.
class RowWalk {
 public:
  RowWalk(engine::Engine* engine, const engine::Range& range)
      : records_(engine->NewIterator(engine::Family::kRecords, range)),
        promises_(engine->NewIterator(engine::Family::kPromises, range)) {}

  bool Valid() const { return records_->Valid() || promises_->Valid(); }

  // The row at the walk's place, verified; steps on.
  absl::Status Take(TransferRow* row) {
    const bool has_record =
        records_->Valid() && (!promises_->Valid() || records_->key() <= promises_->key());
    const bool has_promise =
        promises_->Valid() && (!records_->Valid() || promises_->key() <= records_->key());
    const absl::string_view key = has_record ? records_->key() : promises_->key();
    row->engine_key.assign(key.data(), key.size());
    absl::Status status;
    if (has_record) {
      status = engine::VerifyRecord(key, records_->value());
      if (status.ok()) TakeRecord(records_->value(), row);
    }
    if (status.ok() && has_promise) {
      model::Ballot own_row;
      status = engine::DecodePromise(row->engine_key, promises_->value(), &own_row);
      row->promised = std::max(row->promised, own_row);
    }
    if (has_record) records_->Next();
    if (has_promise) promises_->Next();
    return status;
  }

  absl::Status status() const {
    return records_->status().ok() ? promises_->status() : records_->status();
  }

 private:
  const std::unique_ptr<engine::Iterator> records_;
  const std::unique_ptr<engine::Iterator> promises_;
};

}  // namespace

absl::Status ExportRows(engine::Engine* engine, const engine::Range& range, uint32_t size_bytes_max,
                        TransferPage* page) {
  const size_t bytes_max = size_bytes_max == 0 ? kPageSizeBytesDefault : size_bytes_max;
  std::string begin(range.begin);
  if (page->after >= range.begin) begin = page->after + '\0';
  RowWalk walk(engine, {begin, range.end});
  size_t bytes = 0;
  while (walk.Valid()) {
    if (page->rows.size() == kRowsMax || bytes >= bytes_max) return absl::OkStatus();
    TransferRow row;
    if (absl::Status status = walk.Take(&row); !status.ok()) return status;
    bytes += row.engine_key.size() + row.record.size();
    page->resume_after = row.engine_key;
    page->rows.push_back(std::move(row));
  }
  page->complete = walk.status().ok();
  page->resume_after.clear();
  return walk.status();
}

}  // namespace quorumcache::replica
