// SPDX-License-Identifier: Apache-2.0
// PartitionTable: what a replica knows of each partition: epoch, ballot floor epoch, floor, and
// whether it holds it at all.
//
// A change is made here first, written by the caller in one batch with whatever else belongs to it,
// and then kept (Commit) or undone (Rollback): so nothing is obeyed that is not on the disk (I6).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "storage_node/engine/engine.h"
#include "storage_node/replica/meta_codec.h"

namespace quorumcache::replica {

// What the cluster map says of one partition, as far as this node is concerned.
struct PartitionAssignment {
  uint32_t partition = 0;
  uint32_t epoch = 0;
  uint32_t ballot_floor_epoch = 0;
  // This node is in one of its slots.
  bool is_held = false;
  // As the joiner, not the holder. What it joins is numbered by the entry's ballot_floor_epoch,
  // which is that of the map that has begun it.
  bool is_joiner = false;
};

// Thread-compatible.
class PartitionTable {
 public:
  explicit PartitionTable(uint32_t partition_count) : partitions_(partition_count) {}

  // Reads the rows of an engine. kCorrupt, kIo; kInvalid when they are of more partitions than the
  // table.
  absl::Status Load(engine::Engine* engine);

  uint32_t size() const { return static_cast<uint32_t>(partitions_.size()); }
  const PartitionRow& row(uint32_t partition) const { return partitions_.at(partition).row; }
  bool IsHeld(uint32_t partition) const { return partitions_.at(partition).is_held; }
  // Held as the joiner of its slot.
  bool IsJoiner(uint32_t partition) const { return partitions_.at(partition).is_joiner; }
  // Held, and all of it is here.
  bool HasWholeCopy(uint32_t partition) const {
    return IsHeld(partition) && row(partition).copy == CopyState::kComplete;
  }
  // Of the map entry that the role was taken from; the row's epoch may be ahead of it.
  uint32_t assigned_epoch(uint32_t partition) const {
    return partitions_.at(partition).assigned_epoch;
  }

  // The node's role. Not persisted: the cluster map says it anew at every start.
  void Assign(const PartitionAssignment& assignment);
  // Pending until Commit or Rollback. What is not higher than the present value is ignored.
  void RaiseEpoch(uint32_t partition, uint32_t epoch);
  void RaiseBallotFloorEpoch(uint32_t partition, uint32_t ballot_floor_epoch);
  void RaiseFloor(uint32_t partition, const model::Ballot& floor);
  void RaiseForgotten(uint32_t partition, const model::Ballot& forgotten);
  // Pending, too.
  void SetCopy(uint32_t partition, CopyState copy, uint32_t join_id);

  bool HasPending() const { return !before_.empty(); }
  bool IsPending(uint32_t partition) const { return partitions_.at(partition).is_pending; }
  // Adds the rows of all pending partitions; without `with_epochs` as if no epoch had been raised.
  void AppendPending(engine::WriteBatch* batch, bool with_epochs = true) const;
  void Commit();
  void Rollback();

 private:
  struct Partition {
    PartitionRow row;
    uint32_t assigned_epoch = 0;
    bool is_held = false;
    bool is_joiner = false;
    bool is_pending = false;
  };

  // The row, after having been noted for Rollback.
  PartitionRow& ChangeRow(uint32_t partition);

  std::vector<Partition> partitions_;
  // Pending partitions and their rows as they were.
  std::vector<std::pair<uint32_t, PartitionRow>> before_;
};

}  // namespace quorumcache::replica
