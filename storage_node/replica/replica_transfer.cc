// SPDX-License-Identifier: Apache-2.0
// The part of Replica that gives a partition away and takes one over: docs/PROTOCOL.md#moving.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/probe.h"
#include "common/base/status_macros.h"
#include "common/hash/token.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/engine/record_codec.h"
#include "storage_node/replica/export.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::replica {
namespace {

using engine::Cause;
using engine::Family;
using model::ReplyStatus;

// Of a DropSome: clients that come meanwhile wait for it.
constexpr size_t kDropStepsMax = 500;

absl::Status Invalid(absl::string_view message) {
  return engine::MakeError(Cause::kInvalid, message);
}

// Of what is stored under a key, verified; borrows the lookups.
absl::Status ReadSide(absl::string_view engine_key, const engine::Lookup& record,
                      const engine::Lookup& promise, MergeSide* side) {
  QC_RETURN_IF_ERROR(record.status);
  QC_RETURN_IF_ERROR(promise.status);
  if (record.found) {
    QC_RETURN_IF_ERROR(engine::VerifyRecord(engine_key, record.value));
    const engine::StateHeader header = engine::DecodeHeader(record.value);
    side->acceptor.accepted = header.accepted;
    side->acceptor.previous = header.previous;
    side->acceptor.promised = header.promised;
    side->record = record.value;
  }
  if (!promise.found) return absl::OkStatus();
  model::Ballot row;
  QC_RETURN_IF_ERROR(engine::DecodePromise(engine_key, promise.value, &row));
  side->acceptor.promised = std::max(side->acceptor.promised, row);
  return absl::OkStatus();
}

absl::Status ReadSide(const TransferRow& row, MergeSide* side) {
  side->acceptor.promised = row.promised;
  if (row.record.empty()) return absl::OkStatus();
  QC_RETURN_IF_ERROR(engine::VerifyRecord(row.engine_key, row.record));
  const engine::StateHeader header = engine::DecodeHeader(row.record);
  side->acceptor.accepted = header.accepted;
  side->acceptor.previous = header.previous;
  // Pages carry it beside the record; a row that has it inside is as good.
  side->acceptor.promised = std::max(row.promised, header.promised);
  side->record = row.record;
  return absl::OkStatus();
}

// As it is to be stored: the ballots are those of the merge. Requires: there is a record.
std::string RowOf(absl::string_view engine_key, const MergeSide& merged) {
  const Acceptor& acceptor = merged.acceptor;
  const engine::StateHeader stored = engine::DecodeHeader(merged.record);
  std::string encoded(merged.record);
  if (stored.previous != acceptor.previous || stored.promised != acceptor.promised) {
    engine::EncodeRecord(engine_key, {acceptor.accepted, acceptor.previous, acceptor.promised},
                         engine::DecodeRecord(merged.record), &encoded);
  }
  return encoded;
}

void CountRecord(absl::string_view engine_key, absl::string_view record, int64_t sign,
                 EntryCounts* counts) {
  if (record.empty()) return;
  const model::RecordState state = engine::DecodeHeader(record).state;
  counts->values += sign * (state == model::RecordState::kValue);
  counts->tombstones += sign * (state == model::RecordState::kTombstone);
  counts->bytes += sign * static_cast<int64_t>(engine_key.size() + record.size());
}

void Add(const EntryCounts& change, EntryCounts* counts) {
  counts->values += change.values;
  counts->tombstones += change.tombstones;
  counts->bytes += change.bytes;
}

// Counts what is under the keys of a range, at most `steps_max` of them; gives the last one looked
// at, or nothing at the end of the range.
absl::StatusOr<std::optional<std::string>> CountRange(engine::Engine* engine,
                                                      const engine::Range& range, size_t steps_max,
                                                      EntryCounts* counts) {
  const std::unique_ptr<engine::Iterator> it = engine->NewIterator(Family::kRecords, range);
  std::optional<std::string> last;
  for (size_t steps = 0; it->Valid(); it->Next(), ++steps) {
    if (steps == steps_max) return last;
    // What fails its checksum goes as well, uncounted.
    if (engine::VerifyRecord(it->key(), it->value()).ok()) {
      CountRecord(it->key(), it->value(), +1, counts);
    }
    last = std::string(it->key());
  }
  QC_RETURN_IF_ERROR(it->status());
  return std::optional<std::string>();
}

}  // namespace

absl::Status Replica::LoadJoins() {
  const std::unique_ptr<engine::Iterator> it = engine_->NewIterator(Family::kMeta, engine::Range{});
  for (; it->Valid(); it->Next()) {
    const std::optional<uint32_t> partition = PartitionOfJoinKey(it->key());
    if (!partition) continue;
    QC_RETURN_IF_ERROR(DecodeJoinProgress(it->value(), &joins_[*partition]));
  }
  return it->status();
}

void Replica::PlanCopies(std::span<const PartitionAssignment> assignments,
                         std::vector<uint32_t>* wiped) {
  for (const PartitionAssignment& assignment : assignments) {
    QC_CHECK(assignment.partition < partitions_.size());
    const PartitionRow& row = partitions_.row(assignment.partition);
    if (!assignment.is_held || assignment.epoch < row.epoch) continue;
    if (!assignment.is_joiner) {
      // A partition that this disk has never heard of, and holds: from the cluster's first day.
      if (row.epoch == 0) partitions_.SetCopy(assignment.partition, CopyState::kComplete, 0);
      continue;
    }
    const bool is_this_join = row.join_id == assignment.ballot_floor_epoch &&
                              (row.copy == CopyState::kJoining || row.copy == CopyState::kComplete);
    if (is_this_join) continue;
    QC_PROBE("replica_join_begins");
    partitions_.SetCopy(assignment.partition, CopyState::kJoining, assignment.ballot_floor_epoch);
    wiped->push_back(assignment.partition);
  }
}

// What is left of an earlier stay is a past that this slot has gone on from: it would count as the
// present one's. It goes in the same write as the join begins, so that no answer lies between.
absl::Status Replica::PersistAndWipe(const std::vector<uint32_t>& wiped) {
  if (wiped.empty()) return PersistPending();
  batch_.Clear();
  EntryCounts gone;
  for (const uint32_t partition : wiped) {
    const JoinProgress progress{partitions_.row(partition).join_id, {}};
    batch_.Put(Family::kMeta, JoinRowKey(partition), EncodeJoinProgress(progress));
    if (options_.mutations.join_keeps_leftovers) continue;
    const engine::PartitionBounds keys = engine::BoundsOf(partition, partitions_.size());
    const engine::Range range{keys.begin, keys.end};
    QC_RETURN_IF_ERROR(CountRange(engine_, range, SIZE_MAX, &gone).status());
    batch_.DeleteRange(Family::kRecords, range);
    batch_.DeleteRange(Family::kPromises, range);
  }
  partitions_.AppendPending(&batch_, !options_.mutations.fence_not_persisted);
  if (absl::Status status = WriteBatchDown(/*fsync=*/true); !status.ok()) {
    partitions_.Rollback();
    return status;
  }
  partitions_.Commit();
  for (const uint32_t partition : wiped) {
    cache_.ErasePartition(partition, partitions_.size());
  }
  Add({-gone.values, -gone.tombstones, -gone.bytes}, &counts_);
  for (const uint32_t partition : wiped) {
    joins_[partition] = JoinProgress{partitions_.row(partition).join_id, {}};
    merged_.erase(partition);
  }
  return absl::OkStatus();
}

PullReply Replica::Export(const PullRequest& request) {
  PullReply reply;
  Admission admission = fence_.ok()
                            ? gate_.AdmitPull(request)
                            : Admission{ReplyStatus::kUnavailable, std::string(fence_.message())};
  if (admission.status == ReplyStatus::kOk) {
    if (const absl::Status status = PersistPending(); !status.ok()) {
      admission = {ReplyStatus::kUnavailable, std::string(status.message())};
    }
  }
  reply.status = admission.status;
  reply.message = std::move(admission.message);
  if (reply.status != ReplyStatus::kOk) return reply;
  TransferPage page;
  page.partition = request.partition;
  page.floor = partitions_.row(request.partition).floor;
  page.forgotten = partitions_.row(request.partition).forgotten;
  page.hlc = clock_.last();
  page.after = request.after;
  const engine::PartitionBounds keys = engine::BoundsOf(request.partition, partitions_.size());
  const absl::Status status =
      ExportRows(engine_, {keys.begin, keys.end}, request.size_bytes_max, &page);
  if (status.ok()) {
    reply.page = EncodeTransferPage(page);
    return reply;
  }
  const bool is_corrupt = engine::CauseOf(status) == Cause::kCorrupt;
  reply.status = is_corrupt ? ReplyStatus::kCorrupt : ReplyStatus::kUnavailable;
  reply.message = std::string(status.message());
  return reply;
}

JoinProgress Replica::ProgressOf(uint32_t partition) const {
  const auto found = joins_.find(partition);
  return found == joins_.end() ? JoinProgress{} : found->second;
}

std::vector<JoinState> Replica::Joins() const {
  std::vector<JoinState> joins;
  for (uint32_t partition = 0; partition < partitions_.size(); ++partition) {
    if (!partitions_.IsJoiner(partition)) continue;
    const auto merged = merged_.find(partition);
    JoinState join = merged == merged_.end() ? JoinState{} : merged->second;
    join.partition = partition;
    join.join_id = partitions_.row(partition).join_id;
    join.complete = partitions_.HasWholeCopy(partition);
    joins.push_back(join);
  }
  return joins;
}

absl::Status Replica::CheckImport(const ImportRequest& request, const TransferPage& page) const {
  if (page.partition != request.partition) return Invalid("the page is of another partition");
  const JoinProgress progress = ProgressOf(request.partition);
  const auto source = std::find_if(
      progress.sources.begin(), progress.sources.end(),
      [&](const SourceCursor& cursor) { return cursor.incarnation == request.source; });
  const bool is_next = source == progress.sources.end()
                           ? page.after.empty()
                           : !source->done && page.after == source->after;
  return is_next ? absl::OkStatus() : Invalid("the page is not the next one of its source");
}

ImportResult Replica::Import(const ImportRequest& request) {
  ImportResult result;
  result.status = ImportPage(request);
  result.complete = request.partition < partitions_.size() &&
                    partitions_.HasWholeCopy(request.partition) &&
                    partitions_.row(request.partition).join_id == request.join_id;
  result.progress = ProgressOf(request.partition);
  return result;
}

absl::Status Replica::ImportPage(const ImportRequest& request) {
  QC_RETURN_IF_ERROR(fence_);
  if (request.partition >= partitions_.size()) return Invalid("there is no such partition");
  const PartitionRow& row = partitions_.row(request.partition);
  if (!partitions_.IsJoiner(request.partition) || row.join_id != request.join_id) {
    return Invalid("the page is of a join that is not under way");
  }
  if (row.copy == CopyState::kComplete) return absl::OkStatus();
  QC_CHECK(row.copy == CopyState::kJoining);
  TransferPage page;
  QC_RETURN_IF_ERROR(DecodeTransferPage(request.page, &page));
  QC_RETURN_IF_ERROR(CheckImport(request, page));
  return WriteImport(request, page);
}

absl::Status Replica::WriteImport(const ImportRequest& request, const TransferPage& page) {
  batch_.Clear();
  EntryCounts change;
  QC_RETURN_IF_ERROR(MergeRows(request, page, &change));
  JoinProgress progress = ProgressOf(request.partition);
  const bool complete = Advance(request, page, &progress);
  if (!options_.mutations.import_forgets_floor) {
    partitions_.RaiseFloor(request.partition, page.floor);
    partitions_.RaiseForgotten(request.partition, page.forgotten);
  }
  if (complete) partitions_.SetCopy(request.partition, CopyState::kComplete, request.join_id);
  partitions_.AppendPending(&batch_);
  batch_.Put(Family::kMeta, JoinRowKey(request.partition), EncodeJoinProgress(progress));
  if (!options_.mutations.import_forgets_clock) clock_.Observe(page.hlc);
  const uint64_t hlc_bound_before = hlc_bound_;
  AppendNodeRowIfDue();
  if (absl::Status status = WriteBatchDown(/*fsync=*/complete); !status.ok()) {
    hlc_bound_ = hlc_bound_before;
    partitions_.Rollback();
    return status;
  }
  partitions_.Commit();
  joins_[request.partition] = std::move(progress);
  Add(change, &counts_);
  for (const TransferRow& merged : page.rows) {
    cache_.Erase(engine::LoadBigEndian64(merged.engine_key.data()), merged.engine_key);
  }
  JoinState& sum = merged_[request.partition];
  sum.keys += page.rows.size();
  sum.size_bytes += request.page.size();
  return absl::OkStatus();
}

bool Replica::Advance(const ImportRequest& request, const TransferPage& page,
                      JoinProgress* progress) const {
  auto source = std::find_if(
      progress->sources.begin(), progress->sources.end(),
      [&](const SourceCursor& cursor) { return cursor.incarnation == request.source; });
  if (source == progress->sources.end()) {
    source = progress->sources.insert(source, SourceCursor{request.source, false, ""});
  }
  source->done = page.complete;
  source->after = page.resume_after;
  const auto done = std::count_if(progress->sources.begin(), progress->sources.end(),
                                  [](const SourceCursor& cursor) { return cursor.done; });
  return static_cast<uint32_t>(done) >= request.sources_needed ||
         options_.mutations.import_completes_early;
}

absl::Status Replica::MergeRows(const ImportRequest& request, const TransferPage& page,
                                EntryCounts* change) {
  const engine::PartitionBounds bounds = engine::BoundsOf(request.partition, partitions_.size());
  const engine::Range range{bounds.begin, bounds.end};
  std::vector<absl::string_view> keys;
  for (const TransferRow& row : page.rows) {
    if (!engine::DecodeKey(row.engine_key) || !range.Contains(row.engine_key)) {
      return engine::MakeError(Cause::kCorrupt, "the page has a key of another partition");
    }
    keys.push_back(row.engine_key);
  }
  if (keys.empty()) return absl::OkStatus();
  std::vector<engine::Lookup> records(keys.size());
  std::vector<engine::Lookup> promises(keys.size());
  engine_->MultiGet(Family::kRecords, keys, records);
  engine_->MultiGet(Family::kPromises, keys, promises);
  for (size_t i = 0; i < keys.size(); ++i) {
    QC_RETURN_IF_ERROR(MergeRow(request, page.rows[i], records[i], promises[i], change));
  }
  return absl::OkStatus();
}

absl::Status Replica::MergeRow(const ImportRequest& request, const TransferRow& row,
                               const engine::Lookup& record, const engine::Lookup& promise,
                               EntryCounts* change) {
  MergeSide ours;
  MergeSide theirs;
  QC_RETURN_IF_ERROR(ReadSide(row.engine_key, record, promise, &ours));
  QC_RETURN_IF_ERROR(ReadSide(row, &theirs));
  const absl::string_view old_record = ours.record;
  const model::Ballot old_promise = ours.acceptor.promised;
  if (options_.mutations.import_overwrites) ours = MergeSide{};
  if (options_.mutations.import_forgets_promises) theirs.acceptor.promised = model::Ballot{};
  const MergeSide merged =
      Merge(ours, theirs, request.same_slot || options_.mutations.import_keeps_previous);
  if (!merged.record.empty()) {
    const std::string encoded = RowOf(row.engine_key, merged);
    CountRecord(row.engine_key, old_record, -1, change);
    CountRecord(row.engine_key, encoded, +1, change);
    if (encoded != old_record) batch_.Put(Family::kRecords, row.engine_key, encoded);
    // The record's row carries it.
    if (promise.found) batch_.Delete(Family::kPromises, row.engine_key);
    return absl::OkStatus();
  }
  if (merged.acceptor.promised == old_promise) return absl::OkStatus();
  if (merged.acceptor.promised.IsZero()) {
    batch_.Delete(Family::kPromises, row.engine_key);
    return absl::OkStatus();
  }
  std::string encoded;
  engine::EncodePromise(row.engine_key, merged.acceptor.promised, &encoded);
  batch_.Put(Family::kPromises, row.engine_key, encoded);
  return absl::OkStatus();
}

DropProgress Replica::DropSome(uint32_t partition) {
  QC_CHECK(partition < partitions_.size() && !partitions_.IsHeld(partition));
  DropProgress progress;
  progress.status = fence_;
  if (!fence_.ok()) return progress;
  const engine::PartitionBounds keys = engine::BoundsOf(partition, partitions_.size());
  EntryCounts gone;
  absl::StatusOr<std::optional<std::string>> last =
      CountRange(engine_, {keys.begin, keys.end}, kDropStepsMax, &gone);
  progress.status = last.status();
  if (!last.ok()) return progress;
  progress.complete = !last->has_value();
  const std::string end = progress.complete ? keys.end : **last + '\0';
  batch_.Clear();
  batch_.DeleteRange(Family::kRecords, {keys.begin, end});
  batch_.DeleteRange(Family::kPromises, {keys.begin, end});
  if (progress.complete) batch_.Delete(Family::kMeta, JoinRowKey(partition));
  partitions_.SetCopy(partition, progress.complete ? CopyState::kNone : CopyState::kDropping, 0);
  partitions_.AppendPending(&batch_);
  progress.status = WriteBatchDown(/*fsync=*/false);
  if (!progress.status.ok()) {
    partitions_.Rollback();
    return progress;
  }
  partitions_.Commit();
  cache_.ErasePartition(partition, partitions_.size());
  if (progress.complete) joins_.erase(partition);
  merged_.erase(partition);
  progress.dropped = static_cast<uint64_t>(gone.values + gone.tombstones);
  Add({-gone.values, -gone.tombstones, -gone.bytes}, &counts_);
  return progress;
}

}  // namespace quorumcache::replica
