// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/partition_table.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace quorumcache::replica {

absl::Status PartitionTable::Load(engine::Engine* engine) {
  const std::unique_ptr<engine::Iterator> it =
      engine->NewIterator(engine::Family::kMeta, engine::Range{});
  for (; it->Valid(); it->Next()) {
    const std::optional<uint32_t> partition = PartitionOfRowKey(it->key());
    if (!partition) continue;
    if (*partition >= size()) {
      return engine::MakeError(engine::Cause::kInvalid,
                               absl::StrCat("the data is of a cluster with more than ", size(),
                                            " partitions: it has partition ", *partition));
    }
    QC_RETURN_IF_ERROR(DecodePartitionRow(it->value(), &partitions_[*partition].row));
  }
  return it->status();
}

void PartitionTable::RaiseEpoch(uint32_t partition, uint32_t epoch) {
  if (epoch > row(partition).epoch) ChangeRow(partition).epoch = epoch;
}

void PartitionTable::RaiseBallotFloorEpoch(uint32_t partition, uint32_t ballot_floor_epoch) {
  if (ballot_floor_epoch > row(partition).ballot_floor_epoch) {
    ChangeRow(partition).ballot_floor_epoch = ballot_floor_epoch;
  }
}

void PartitionTable::RaiseFloor(uint32_t partition, const model::Ballot& floor) {
  if (floor > row(partition).floor) ChangeRow(partition).floor = floor;
}

void PartitionTable::RaiseForgotten(uint32_t partition, const model::Ballot& forgotten) {
  if (forgotten > row(partition).forgotten) ChangeRow(partition).forgotten = forgotten;
}

void PartitionTable::SetCopy(uint32_t partition, CopyState copy, uint32_t join_id) {
  PartitionRow& row = ChangeRow(partition);
  row.copy = copy;
  row.join_id = join_id;
}

void PartitionTable::Assign(const PartitionAssignment& assignment) {
  Partition& entry = partitions_.at(assignment.partition);
  QC_CHECK(assignment.epoch >= entry.assigned_epoch);
  entry.assigned_epoch = assignment.epoch;
  entry.is_held = assignment.is_held;
  entry.is_joiner = assignment.is_held && assignment.is_joiner;
}

void PartitionTable::AppendPending(engine::WriteBatch* batch, bool with_epochs) const {
  for (const auto& [partition, before] : before_) {
    PartitionRow written = row(partition);
    if (!with_epochs) {
      written.epoch = before.epoch;
      written.ballot_floor_epoch = before.ballot_floor_epoch;
    }
    batch->Put(engine::Family::kMeta, PartitionRowKey(partition), EncodePartitionRow(written));
  }
}

void PartitionTable::Commit() {
  for (const auto& [partition, before] : before_) {
    QC_CHECK(row(partition).epoch >= before.epoch);
    QC_CHECK(row(partition).floor >= before.floor);
    QC_CHECK(row(partition).forgotten >= before.forgotten);
    partitions_[partition].is_pending = false;
  }
  before_.clear();
}

void PartitionTable::Rollback() {
  for (const auto& [partition, before] : before_) {
    partitions_[partition].row = before;
    partitions_[partition].is_pending = false;
  }
  before_.clear();
}

PartitionRow& PartitionTable::ChangeRow(uint32_t partition) {
  Partition& entry = partitions_.at(partition);
  if (!entry.is_pending) {
    entry.is_pending = true;
    before_.emplace_back(partition, entry.row);
  }
  return entry.row;
}

}  // namespace quorumcache::replica
