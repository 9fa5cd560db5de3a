// SPDX-License-Identifier: Apache-2.0
// The part of Replica that forgets: docs/PROTOCOL.md#forgetting.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/probe.h"
#include "common/base/status_macros.h"
#include "common/model/hlc.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/engine/record_codec.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::replica {
namespace {

using engine::Family;
using model::ReplyStatus;

// Well below a millisecond of work: requests wait behind a page.
constexpr size_t kStepsMax = 500;
constexpr size_t kPageBytesMax = size_t{256} << 10;

Admission RefusalOf(const absl::Status& status) {
  const bool is_full = engine::CauseOf(status) == engine::Cause::kDiskFull;
  return {is_full ? ReplyStatus::kDiskFull : ReplyStatus::kUnavailable,
          std::string(status.message())};
}

// A record's row may carry a promise, which is not garbage and may be above the floor: it moves
// into a row of its own. Where there is one already, that was made after the record was written,
// and is the higher one.
absl::Status KeepPromises(engine::Engine* engine, const std::vector<GarbageRecord>& garbage,
                          engine::WriteBatch* batch) {
  std::string encoded;
  for (const GarbageRecord& record : garbage) {
    if (record.promised.IsZero()) continue;
    const absl::string_view key = record.engine_key;
    engine::Lookup own_row;
    engine->MultiGet(Family::kPromises, {&key, 1}, {&own_row, 1});
    QC_RETURN_IF_ERROR(own_row.status);
    if (own_row.found) continue;
    QC_PROBE("replica_promise_outlives_its_record");
    engine::EncodePromise(key, record.promised, &encoded);
    batch->Put(Family::kPromises, key, encoded);
  }
  return absl::OkStatus();
}

}  // namespace

Admission Replica::CheckGarbage(const GarbageQuery& query, uint64_t wall_ms) {
  if (!fence_.ok()) return {ReplyStatus::kUnavailable, std::string(fence_.message())};
  Admission admission = gate_.AdmitPartition(query.partition, query.epoch, query.incarnation);
  if (admission.status != ReplyStatus::kOk) return admission;
  const uint64_t floor_ms = model::HlcMillis(query.floor.hlc);
  if (floor_ms > wall_ms || query.now_ms > wall_ms) {
    // A floor in the future would refuse every write until then.
    QC_PROBE("garbage_clock_refused");
    return {ReplyStatus::kClockSkew,
            absl::StrCat("the round forgets what is older than ", std::max(floor_ms, query.now_ms),
                         " ms since 1970, and this node's clock says ", wall_ms,
                         ": one of the two clocks is wrong by more than the grace")};
  }
  // What expires by the round's time must be expired for everyone who hears of this replica, also
  // where its record is not gone yet.
  clock_.Observe(std::max(query.floor.hlc, model::HlcFromMillis(query.now_ms)));
  if (const absl::Status status = PersistPending(); !status.ok()) return RefusalOf(status);
  return {};
}

template <typename Body>
void Replica::WalkForGarbage(const GarbageQuery& query, uint64_t wall_ms, GarbagePage* page,
                             Body body) {
  Admission admission = CheckGarbage(query, wall_ms);
  page->status = admission.status;
  page->message = std::move(admission.message);
  if (page->status != ReplyStatus::kOk) return;
  const engine::PartitionBounds keys = engine::BoundsOf(query.partition, partitions_.size());
  body(GarbageWalk{engine_, engine::Range{keys.begin, keys.end},
                   partitions_.row(query.partition).floor, kStepsMax, kPageBytesMax});
  garbage_.OnPage(query, *page);
}

DigestPage Replica::Digest(const GarbageQuery& query, uint64_t wall_ms) {
  DigestPage page;
  WalkForGarbage(query, wall_ms, &page,
                 [&](const GarbageWalk& walk) { DigestEntries(walk, query, &page); });
  return page;
}

EntryPage Replica::ListEntries(const GarbageQuery& query, uint64_t wall_ms) {
  EntryPage page;
  WalkForGarbage(query, wall_ms, &page,
                 [&](const GarbageWalk& walk) { replica::ListEntries(walk, query, &page); });
  return page;
}

GarbagePage Replica::RaiseFloor(const GarbageQuery& query, uint64_t wall_ms) {
  GarbagePage page;
  Admission admission = CheckGarbage(query, wall_ms);
  if (admission.status == ReplyStatus::kOk && !options_.mutations.drop_without_floor) {
    partitions_.RaiseFloor(query.partition, query.floor);
    if (const absl::Status status = PersistPending(); !status.ok()) admission = RefusalOf(status);
  }
  page.status = admission.status;
  page.message = std::move(admission.message);
  if (query.partition < partitions_.size()) page.floor = partitions_.row(query.partition).floor;
  return page;
}

// Says so to all before it drops the first, also across a restart.
Admission Replica::Forget(const GarbageQuery& query, uint64_t wall_ms) {
  Admission admission = CheckGarbage(query, wall_ms);
  if (admission.status != ReplyStatus::kOk) return admission;
  const model::Ballot floor =
      options_.mutations.drop_without_floor ? query.floor : partitions_.row(query.partition).floor;
  partitions_.RaiseForgotten(query.partition, std::min(floor, query.floor));
  const absl::Status status = PersistPending();
  return status.ok() ? Admission{} : RefusalOf(status);
}

DropPage Replica::DropGarbage(const GarbageQuery& query, uint64_t wall_ms) {
  DropPage page;
  if (Admission admission = Forget(query, wall_ms); admission.status != ReplyStatus::kOk) {
    page.status = admission.status;
    page.message = std::move(admission.message);
    return page;
  }
  WalkForGarbage(query, wall_ms, &page, [&](GarbageWalk walk) {
    if (options_.mutations.drop_without_floor) walk.floor = query.floor;
    std::vector<GarbageRecord> garbage;
    FindGarbage(walk, query, &garbage, &page);
    if (page.status != ReplyStatus::kOk || garbage.empty()) return;
    if (const absl::Status status = DropRecords(garbage); !status.ok()) {
      const Admission refusal = RefusalOf(status);
      page.status = refusal.status;
      page.message = refusal.message;
      return;
    }
    page.dropped = garbage.size();
  });
  return page;
}

absl::Status Replica::DropRecords(const std::vector<GarbageRecord>& garbage) {
  batch_.Clear();
  QC_RETURN_IF_ERROR(KeepPromises(engine_, garbage, &batch_));
  for (const GarbageRecord& record : garbage) batch_.Delete(Family::kRecords, record.engine_key);
  QC_RETURN_IF_ERROR(WriteBatchDown(/*fsync=*/false));
  for (const GarbageRecord& record : garbage) {
    cache_.Erase(engine::LoadBigEndian64(record.engine_key.data()), record.engine_key);
    counts_.bytes -= static_cast<int64_t>(record.engine_key.size() + record.encoded_size);
    counts_.values -= record.state == model::RecordState::kValue;
    counts_.tombstones -= record.state == model::RecordState::kTombstone;
    counters_.expired_dropped += record.state == model::RecordState::kValue;
    counters_.tombstones_dropped += record.state == model::RecordState::kTombstone;
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::replica
