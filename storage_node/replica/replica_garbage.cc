// SPDX-License-Identifier: Apache-2.0
// The part of Replica that forgets: docs/PROTOCOL.md#forgetting.
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::replica {
namespace {

using engine::Family;
using model::ReplyStatus;

// About a millisecond of work.
constexpr size_t kStepsMax = 2000;

}  // namespace

bool Replica::AdmitGarbage(const GarbageQuery& query, GarbagePage* page) const {
  if (!fence_.ok()) {
    page->status = ReplyStatus::kUnavailable;
    page->message = std::string(fence_.message());
  } else if (query.partition >= partitions_.size() || !partitions_.IsHeld(query.partition)) {
    page->status = ReplyStatus::kWrongNode;
    page->message = absl::StrCat("this node does not hold partition ", query.partition);
  }
  return page->status == ReplyStatus::kOk;
}

template <typename Body>
void Replica::WithWalk(uint32_t partition, Body body) {
  const engine::PartitionBounds keys = engine::BoundsOf(partition, partitions_.size());
  body(GarbageWalk{engine_, engine::Range{keys.begin, keys.end}, partitions_.row(partition).floor,
                   kStepsMax});
}

DigestPage Replica::Digest(const GarbageQuery& query) {
  DigestPage page;
  if (!AdmitGarbage(query, &page)) return page;
  WithWalk(query.partition, [&](const GarbageWalk& walk) { DigestEntries(walk, query, &page); });
  return page;
}

EntryPage Replica::ListEntries(const GarbageQuery& query) {
  EntryPage page;
  if (!AdmitGarbage(query, &page)) return page;
  WithWalk(query.partition,
           [&](const GarbageWalk& walk) { replica::ListEntries(walk, query, &page); });
  return page;
}

absl::Status Replica::RaiseFloor(uint32_t partition, const model::Ballot& floor) {
  QC_RETURN_IF_ERROR(fence_);
  QC_CHECK(partition < partitions_.size());
  if (options_.mutations.drop_without_floor) return absl::OkStatus();
  partitions_.RaiseFloor(partition, floor);
  return PersistPending();
}

DropPage Replica::DropGarbage(const GarbageQuery& query) {
  DropPage page;
  if (!AdmitGarbage(query, &page)) return page;
  std::vector<GarbageRecord> garbage;
  WithWalk(query.partition, [&](GarbageWalk walk) {
    if (options_.mutations.drop_without_floor) walk.floor = query.floor;
    FindGarbage(walk, query, &garbage, &page);
  });
  if (page.status != ReplyStatus::kOk || garbage.empty()) return page;
  if (const absl::Status status = DropRecords(garbage); !status.ok()) {
    page.status = engine::CauseOf(status) == engine::Cause::kDiskFull ? ReplyStatus::kDiskFull
                                                                      : ReplyStatus::kUnavailable;
    page.message = std::string(status.message());
    return page;
  }
  page.dropped = garbage.size();
  return page;
}

absl::Status Replica::DropRecords(const std::vector<GarbageRecord>& garbage) {
  batch_.Clear();
  // Promises stay: they are not garbage, and may be above the floor.
  for (const GarbageRecord& record : garbage) batch_.Delete(Family::kRecords, record.engine_key);
  QC_RETURN_IF_ERROR(WriteBatchDown(/*fsync=*/false));
  for (const GarbageRecord& record : garbage) {
    cache_.Erase(engine::LoadBigEndian64(record.engine_key.data()), record.engine_key);
    counts_.bytes -= static_cast<int64_t>(record.engine_key.size() + record.encoded_size);
    counts_.values -= record.state == model::RecordState::kValue;
    counts_.tombstones -= record.state == model::RecordState::kTombstone;
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::replica
