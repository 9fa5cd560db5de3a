// SPDX-License-Identifier: Apache-2.0
#include "coordinator/ring/ring.h"

#include "common/base/check.h"
#include "common/hash/token.h"
#include "coordinator/ring/read_order.h"

namespace quorumcache::ring {
namespace {

model::ReplicaSet MakeReplicaSet(uint32_t partition, const topology::PartitionEntry& entry,
                                 ReadOrder& read_order) {
  model::ReplicaSet set;
  set.partition = partition;
  set.epoch = entry.epoch;
  set.ballot_floor_epoch = entry.ballot_floor_epoch;
  set.slot_count = static_cast<uint8_t>(entry.slots.size());
  set.replicas = read_order.Order(entry);
  for (size_t i = 0; i < entry.slots.size(); ++i) {
    if (entry.slots[i].IsVacant()) set.vacant_slots |= static_cast<uint16_t>(1u << i);
  }
  return set;
}

}  // namespace

Ring::Ring(const topology::ClusterMap& map, absl::string_view local_zone) {
  ReadOrder read_order(map, local_zone);
  replicas_.reserve(map.partitions.size());
  for (uint32_t partition = 0; partition < map.partitions.size(); ++partition) {
    replicas_.push_back(MakeReplicaSet(partition, map.partitions[partition], read_order));
  }
}

uint32_t Ring::PartitionOf(const model::Key& key) const {
  return hash::PartitionOf(hash::TokenOf(key.namespace_name, key.bytes), replicas_.size());
}

const model::ReplicaSet& Ring::replicas(uint32_t partition) const {
  QC_CHECK(partition < replicas_.size());
  return replicas_[partition];
}

}  // namespace quorumcache::ring
