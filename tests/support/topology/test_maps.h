// SPDX-License-Identifier: Apache-2.0
// Small valid cluster maps for tests to start from.
#pragma once

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology {

// Nodes n1, n2, ... in zones z1, z2, z3, z1, ..., bound to incarnations 101, 102, ...
inline Node TestNode(uint32_t number) {
  return Node{.id = absl::StrCat("n", number),
              .address = absl::StrCat("127.0.0.1:", 7000 + number),
              .zone = absl::StrCat("z", (number - 1) % 3 + 1),
              .weight = 100,
              .incarnation = 100 + number};
}

struct TestMapOptions {
  uint32_t node_count = 4;
  uint32_t partition_count = 4;
  uint32_t replication_factor = 3;
};

// A valid, settled map at epoch 5 whose entries are of epoch 1: partition p is held by the N nodes
// from number p on, round robin.
inline ClusterMap TestMap(const TestMapOptions& options = {}) {
  ClusterMap map;
  map.cluster_id = "test";
  map.epoch = 5;
  map.replication_factor = options.replication_factor;
  for (uint32_t i = 1; i <= options.node_count; ++i) map.nodes.push_back(TestNode(i));
  for (uint32_t p = 0; p < options.partition_count; ++p) {
    PartitionEntry entry{.epoch = 1, .ballot_floor_epoch = 0, .slots = {}};
    for (uint32_t i = 0; i < options.replication_factor; ++i) {
      entry.slots.push_back(Slot::Settled(static_cast<NodeIndex>((p + i) % options.node_count)));
    }
    map.partitions.push_back(entry);
  }
  map.namespaces.push_back({"default", model::Consistency::kQuorum});
  return map;
}

// A valid, settled first map with as many nodes and partitions as there can be. Its node names are
// as long as they may be, and neither they nor the placement have a pattern to compress.
inline ClusterMap LargestMap(uint32_t replication_factor) {
  base::Random random(1);
  ClusterMap map = TestMap({.node_count = static_cast<uint32_t>(limits::kNodesMax),
                            .partition_count = limits::kPartitionsMax,
                            .replication_factor = replication_factor});
  map.epoch = 1;
  for (Node& node : map.nodes) {
    node.incarnation = random.Next();
    node.id.clear();
    while (node.id.size() < limits::kNodeIdSizeBytesMax) {
      node.id.push_back(static_cast<char>('a' + random.Uniform(26)));
    }
  }
  for (PartitionEntry& entry : map.partitions) {
    for (size_t i = 0; i < entry.slots.size(); ++i) {
      // One node of each residue, so that the N nodes differ.
      const uint64_t row = random.Uniform(limits::kNodesMax / replication_factor);
      entry.slots[i] = Slot::Settled(static_cast<NodeIndex>(row * replication_factor + i));
    }
  }
  return map;
}

// `map` one epoch later, ready to be changed into a successor.
inline ClusterMap Next(ClusterMap map) {
  ++map.epoch;
  return map;
}

// Puts `slot` into a partition as a publisher does: with the map's epoch on the entry, and as the
// floor while the slot is not settled.
inline void SetSlot(ClusterMap& map, size_t partition, size_t slot_index, Slot slot) {
  PartitionEntry& entry = map.partitions[partition];
  entry.slots[slot_index] = slot;
  entry.epoch = static_cast<uint32_t>(map.epoch);
  if (!slot.IsSettled()) entry.ballot_floor_epoch = entry.epoch;
}

}  // namespace quorumcache::topology
