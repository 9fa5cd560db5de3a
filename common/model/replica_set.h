// SPDX-License-Identifier: Apache-2.0
// ReplicaSet: the replicas of one partition, as one operation sees them from its start.
//
// A partition has N slots; a slot is one node, or two while it moves, or vacant while a dead node
// is being replaced (docs/PROTOCOL.md#topology). Quorums count slots: a slot says yes when all its
// nodes do.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "common/base/check.h"

namespace quorumcache::model {

// One node in one slot.
struct Replica {
  // Index of the node in the cluster map (ClusterMap::nodes) that this set was made from.
  uint16_t node = 0;
  uint8_t slot = 0;
  // The slot is being copied to it: its word alone is worth nothing.
  bool joiner = false;
  friend bool operator==(const Replica&, const Replica&) = default;
};

// Value; 3 slots without allocation.
struct ReplicaSet {
  uint32_t partition = 0;
  // Epoch of the partition's entry.
  uint32_t epoch = 0;
  // Ballots of lower epochs are refused by every replica.
  uint32_t ballot_floor_epoch = 0;
  // In order of preference for reads. Nodes of a vacant slot are in it: they get writes, and do not
  // count.
  absl::InlinedVector<Replica, 3> replicas;
  uint8_t slot_count = 0;
  // Bit i: slot i is vacant.
  uint16_t vacant_slots = 0;

  bool IsVacant(uint8_t slot) const { return (vacant_slots >> slot) & 1; }
  // More than half of all slots, the vacant ones included.
  size_t Majority() const {
    QC_CHECK(slot_count > 0);
    return slot_count / 2 + 1;
  }
};

}  // namespace quorumcache::model
