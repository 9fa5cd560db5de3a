// SPDX-License-Identifier: Apache-2.0
// GarbageWatch: what a replica knows of the garbage in each partition without looking: when the
// first of it turned dead or will, and how much the last walk found.
//
// So that partitions without garbage cost a round nothing, and that metrics can say what waits. In
// memory only: after a start every partition is unknown until something has walked it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage_node/replica/garbage.h"

namespace quorumcache::replica {

// Thread-compatible.
class GarbageWatch {
 public:
  // earliest_ms of a partition that no walk has covered yet: earlier than everything.
  static constexpr uint64_t kUnknown = 0;

  explicit GarbageWatch(uint32_t partition_count) : partitions_(partition_count) {}

  // A record was stored that is dead from `dead_at_ms` on (DeadAtMs). O(1).
  void OnRecord(uint32_t partition, uint64_t dead_at_ms);
  // A page of a walk was answered. Once pages cover the whole partition, in order, what they have
  // found is what is known; a walk that is cut short, or crossed by another, changes nothing.
  void OnPage(const GarbageQuery& query, const GarbagePage& page);

  // The partition is not held any more, or its records came otherwise than by OnRecord.
  void Forget(uint32_t partition);

  // Nothing in the partition is dead before it; it may be too early, never too late.
  uint64_t EarliestMs(uint32_t partition) const { return partitions_.at(partition).earliest_ms; }
  // Of all partitions: dead and older than the grace when last walked, and still there.
  uint64_t waiting_count() const { return waiting_count_; }
  uint64_t waiting_bytes() const { return waiting_bytes_; }

 private:
  struct Partition {
    uint64_t earliest_ms = kUnknown;
    uint64_t waiting_count = 0;
    uint64_t waiting_bytes = 0;
    // Of the walk under way: where it stands, and what it has found so far.
    bool is_walked = false;
    std::string cursor;
    GarbageTally tally;
  };

  void Finish(Partition* partition);

  std::vector<Partition> partitions_;
  uint64_t waiting_count_ = 0;
  uint64_t waiting_bytes_ = 0;
};

}  // namespace quorumcache::replica
