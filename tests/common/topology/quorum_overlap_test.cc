// SPDX-License-Identifier: Apache-2.0
// I7: any two quorums of entries with adjacent epochs share a node. By trying every quorum of every
// step that ValidateSuccessor takes.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "common/topology/cluster_map.h"
#include "common/topology/validate.h"
#include "gtest/gtest.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology {
namespace {

// A set of nodes, one bit each.
using NodeSet = uint32_t;

NodeSet NodesOf(const Slot& slot) {
  NodeSet nodes = 0;
  for (const NodeIndex node : slot.Nodes()) nodes |= NodeSet{1} << node;
  return nodes;
}

// The smallest sets of nodes whose yes is a quorum: majorities of all slots, where a vacant slot
// never says yes and a moving one says yes with both its nodes.
std::vector<NodeSet> Quorums(const PartitionEntry& entry) {
  std::vector<NodeSet> quorums;
  const size_t majority = entry.slots.size() / 2 + 1;
  for (uint32_t choice = 0; choice < (1u << entry.slots.size()); ++choice) {
    if (static_cast<size_t>(std::popcount(choice)) != majority) continue;
    NodeSet nodes = 0;
    bool vacant = false;
    for (size_t i = 0; i < entry.slots.size(); ++i) {
      if (((choice >> i) & 1) == 0) continue;
      vacant |= entry.slots[i].IsVacant();
      nodes |= NodesOf(entry.slots[i]);
    }
    if (!vacant) quorums.push_back(nodes);
  }
  return quorums;
}

bool AllOverlap(const PartitionEntry& before, const PartitionEntry& after) {
  for (const NodeSet a : Quorums(before)) {
    for (const NodeSet b : Quorums(after)) {
      if ((a & b) == 0) return false;
    }
  }
  return true;
}

// Every state of one slot among `node_count` nodes.
std::vector<Slot> AllSlots(NodeIndex node_count) {
  std::vector<Slot> slots;
  for (NodeIndex a = 0; a < node_count; ++a) {
    slots.push_back(Slot::Settled(a));
    slots.push_back(Slot::Vacant(a));
    for (NodeIndex b = 0; b < node_count; ++b) {
      if (a != b) slots.push_back(Slot::Moving(a, b));
    }
  }
  return slots;
}

// Maps of one partition with N slots; slot 0 as given, the others settled on the last nodes.
ClusterMap OnePartition(uint32_t replicas, NodeIndex node_count, Slot slot) {
  ClusterMap map =
      TestMap({.node_count = node_count, .partition_count = 1, .replication_factor = replicas});
  for (uint32_t i = 1; i < replicas; ++i) {
    map.partitions[0].slots[i] = Slot::Settled(static_cast<NodeIndex>(node_count - i));
  }
  SetSlot(map, 0, 0, slot);
  return map;
}

struct Seen {
  int taken = 0;
  int refused = 0;
  int refused_that_would_part = 0;
};

// Tries every step of one slot.
Seen TryAllSteps(uint32_t replicas) {
  const auto node_count = static_cast<NodeIndex>(replicas + 3);
  Seen seen;
  for (const Slot before : AllSlots(node_count)) {
    const ClusterMap map = OnePartition(replicas, node_count, before);
    if (!Validate(map).ok()) continue;
    for (const Slot after : AllSlots(node_count)) {
      ClusterMap next = Next(map);
      if (after != before) SetSlot(next, 0, 0, after);
      if (!Validate(next).ok()) continue;
      const bool overlap = AllOverlap(map.partitions[0], next.partitions[0]);
      if (ValidateSuccessor(map, next).ok()) {
        ++seen.taken;
        EXPECT_TRUE(overlap) << "N=" << replicas;
      } else {
        ++seen.refused;
        seen.refused_that_would_part += overlap ? 0 : 1;
      }
    }
  }
  return seen;
}

TEST(QuorumOverlapTest, QuorumsOfEveryStepTakenShareANode) {
  for (const uint32_t replicas : {2u, 3u, 4u, 5u, 6u, 7u}) {
    const Seen seen = TryAllSteps(replicas);
    EXPECT_GT(seen.taken, 20);
    EXPECT_GT(seen.refused, 20);
    // Where N is odd two quorums may share one slot only, and a jump of that slot parts them.
    EXPECT_EQ(seen.refused_that_would_part > 0, replicas % 2 == 1) << "N=" << replicas;
  }
}

TEST(QuorumOverlapTest, TwoSlotsAtOnceWouldPartQuorums) {
  // Why one slot of a partition changes at a time, though each step alone is sound.
  ClusterMap map = OnePartition(3, 6, Slot::Moving(0, 1));
  ClusterMap next = Next(map);
  SetSlot(next, 0, 0, Slot::Settled(1));
  SetSlot(next, 0, 1, Slot::Settled(2));

  EXPECT_FALSE(AllOverlap(map.partitions[0], next.partitions[0]));
  EXPECT_FALSE(ValidateSuccessor(map, next).ok());
}

TEST(QuorumOverlapTest, AVacantSlotNeverHelpsToAQuorum) {
  const ClusterMap map = OnePartition(3, 6, Slot::Vacant(0));

  EXPECT_EQ(Quorums(map.partitions[0]).size(), 1u);
  EXPECT_EQ(Quorums(map.partitions[0])[0], NodeSet{0b110000});
}

TEST(QuorumOverlapTest, AMovingSlotNeedsBothNodes) {
  const ClusterMap map = OnePartition(3, 6, Slot::Moving(0, 1));

  std::vector<NodeSet> quorums = Quorums(map.partitions[0]);
  std::sort(quorums.begin(), quorums.end());
  EXPECT_EQ(quorums, (std::vector<NodeSet>{0b010011, 0b100011, 0b110000}));
}

}  // namespace
}  // namespace quorumcache::topology
