// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/scan_merge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/model/etag.h"
#include "common/model/record.h"

namespace quorumcache::service {
namespace {

using internal::v1::ScanPartitionResponse;
using internal::v1::ScanRow;

model::Ballot ToModel(const internal::v1::Ballot& ballot) {
  return {ballot.epoch(), ballot.hlc(), ballot.proposer()};
}

model::Ballot BallotOf(const ScanRow& row) {
  return ToModel(row.accepted());
}

// As model::Lineage::LastChange: what a Get of the key answers as its etag.
model::Ballot VersionOf(const ScanRow& row) {
  const internal::v1::Record& record = row.record();
  if (!record.changes().empty()) return ToModel(record.changes().rbegin()->ballot());
  return record.has_root() ? ToModel(record.root()) : BallotOf(row);
}

// Behind it a page says nothing; nullopt: it says everything.
std::optional<std::string> EndOf(const ScanPartitionResponse& page) {
  if (page.complete()) return std::nullopt;
  if (!page.resume_after().empty()) return page.resume_after();
  return page.rows().empty() ? std::string() : page.rows(page.rows_size() - 1).engine_key();
}

// Up to where every page says something: the lowest end.
std::optional<std::string> CommonEnd(const std::vector<ScanPartitionResponse>& pages) {
  std::optional<std::string> lowest;
  for (const ScanPartitionResponse& page : pages) {
    std::optional<std::string> end = EndOf(page);
    if (end && (!lowest || *end < *lowest)) lowest = std::move(end);
  }
  return lowest;
}

// Steps through the keys of several sorted pages.
class Merger {
 public:
  explicit Merger(std::vector<ScanPartitionResponse>& pages)
      : pages_(pages), next_(pages.size(), 0) {}

  // The newest row of the lowest key left; nullptr at the end. Does not step.
  ScanRow* Newest() {
    ScanRow* newest = nullptr;
    for (size_t i = 0; i < pages_.size(); ++i) {
      ScanRow* row = Front(i);
      if (row == nullptr) continue;
      if (newest == nullptr || row->engine_key() < newest->engine_key() ||
          (row->engine_key() == newest->engine_key() && BallotOf(*row) > BallotOf(*newest))) {
        newest = row;
      }
    }
    return newest;
  }

  // Steps behind `engine_key`.
  void Skip(const std::string& engine_key) {
    for (size_t i = 0; i < pages_.size(); ++i) {
      ScanRow* row = Front(i);
      if (row != nullptr && row->engine_key() == engine_key) ++next_[i];
    }
  }

 private:
  ScanRow* Front(size_t page) {
    if (next_[page] >= pages_[page].rows_size()) return nullptr;
    return pages_[page].mutable_rows(next_[page]);
  }

  std::vector<ScanPartitionResponse>& pages_;
  std::vector<int> next_;
};

ScanEntry TakeEntry(ScanRow& row) {
  ScanEntry entry;
  entry.key = std::move(*row.mutable_key());
  entry.value = std::move(*row.mutable_record()->mutable_value());
  entry.content_type = std::move(*row.mutable_record()->mutable_content_type());
  entry.etag = model::FormatEtag(VersionOf(row));
  entry.expire_at_ms = row.record().expire_at_ms();
  return entry;
}

size_t SizeBytes(const ScanRow& row) {
  return row.key().size() + row.record().value().size() + row.record().content_type().size();
}

}  // namespace

MergeResult MergeScanPages(std::vector<ScanPartitionResponse>& pages, uint64_t now_ms,
                           PageRoom& room, std::vector<ScanEntry>& entries) {
  const std::optional<std::string> end = CommonEnd(pages);
  Merger merger(pages);
  std::string last;
  for (ScanRow* row = merger.Newest(); row != nullptr; row = merger.Newest()) {
    if (end && row->engine_key() > *end) break;
    const auto state = static_cast<model::RecordState>(row->record().state());
    const std::string engine_key = row->engine_key();
    if (model::IsLive(state, row->record().expire_at_ms(), now_ms)) {
      const size_t size_bytes = SizeBytes(*row);
      const bool fits = room.entries > 0 && (entries.empty() || size_bytes <= room.bytes);
      if (!fits) {
        room = PageRoom();
        return {false, last};
      }
      --room.entries;
      room.bytes -= std::min(room.bytes, size_bytes);
      entries.push_back(TakeEntry(*row));
    }
    merger.Skip(engine_key);
    last = engine_key;
  }
  if (!end) return {true, ""};
  return {false, *end};
}

}  // namespace quorumcache::service
