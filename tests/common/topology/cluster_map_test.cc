// SPDX-License-Identifier: Apache-2.0
#include "common/topology/cluster_map.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology {
namespace {

using testing::ElementsAre;

TEST(SlotTest, SettledSlotIsItsHolder) {
  const Slot slot = Slot::Settled(3);

  EXPECT_TRUE(slot.IsSettled());
  EXPECT_FALSE(slot.IsMoving());
  EXPECT_FALSE(slot.IsVacant());
  EXPECT_THAT(slot.Nodes(), ElementsAre(3));
}

TEST(SlotTest, MovingSlotIsThePairWithTheHolderFirst) {
  const Slot slot = Slot::Moving(3, 1);

  EXPECT_FALSE(slot.IsSettled());
  EXPECT_TRUE(slot.IsMoving());
  EXPECT_FALSE(slot.IsVacant());
  EXPECT_THAT(slot.Nodes(), ElementsAre(3, 1));
}

TEST(SlotTest, VacantSlotNamesOnlyTheJoiner) {
  const Slot slot = Slot::Vacant(1);

  EXPECT_FALSE(slot.IsSettled());
  EXPECT_FALSE(slot.IsMoving());
  EXPECT_TRUE(slot.IsVacant());
  EXPECT_THAT(slot.Nodes(), ElementsAre(1));
}

TEST(SlotTest, NamesBothOfAPairAndNobodyElse) {
  const Slot slot = Slot::Moving(3, 1);

  EXPECT_TRUE(slot.Names(3));
  EXPECT_TRUE(slot.Names(1));
  EXPECT_FALSE(slot.Names(2));
  EXPECT_FALSE(Slot::Settled(3).Names(kNoNode));
}

TEST(ClusterMapTest, FindsNodesById) {
  const ClusterMap map = TestMap();

  EXPECT_EQ(map.FindNode("n1"), NodeIndex{0});
  EXPECT_EQ(map.FindNode("n4"), NodeIndex{3});
  EXPECT_EQ(map.FindNode("n5"), std::nullopt);
  EXPECT_EQ(map.FindNode(""), std::nullopt);
}

TEST(ClusterMapTest, FindsNamespacesByName) {
  ClusterMap map = TestMap();
  map.namespaces.push_back({"orders", model::Consistency::kOne});

  ASSERT_NE(map.FindNamespace("orders"), nullptr);
  EXPECT_EQ(map.FindNamespace("orders")->default_consistency, model::Consistency::kOne);
  EXPECT_EQ(map.FindNamespace("other"), nullptr);
}

TEST(ClusterMapTest, IsSettledUntilOneSlotMoves) {
  ClusterMap map = TestMap();
  EXPECT_TRUE(map.IsSettled());

  map.partitions[3].slots[1].joiner = 2;
  EXPECT_FALSE(map.IsSettled());
}

TEST(ClusterMapTest, CountsReplicasOfHoldersAndJoiners) {
  ClusterMap map = TestMap({.node_count = 5});
  // 4 partitions, 3 slots each: partition p is on p, p + 1 and p + 2 modulo 5.
  EXPECT_THAT(ReplicaCounts(map), ElementsAre(2, 2, 3, 3, 2));

  map.partitions[0].slots[0] = Slot::Moving(0, 4);
  map.partitions[1].slots[0] = Slot::Vacant(4);
  EXPECT_THAT(ReplicaCounts(map), ElementsAre(2, 1, 3, 3, 4));
}

TEST(ClusterMapTest, RemovingANodeKeepsEverySlotOnItsNode) {
  ClusterMap map = TestMap({.node_count = 5});
  for (PartitionEntry& entry : map.partitions) {
    entry.slots = {Slot::Settled(0), Slot::Settled(2), Slot::Moving(3, 4)};
  }

  RemoveNode(map, 1);

  EXPECT_EQ(map.FindNode("n2"), std::nullopt);
  for (const PartitionEntry& entry : map.partitions) {
    EXPECT_EQ(map.nodes[entry.slots[0].holder].id, "n1");
    EXPECT_EQ(map.nodes[entry.slots[1].holder].id, "n3");
    EXPECT_EQ(map.nodes[entry.slots[2].holder].id, "n4");
    EXPECT_EQ(map.nodes[entry.slots[2].joiner].id, "n5");
  }
}

TEST(ClusterMapTest, RemovingANodeKeepsVacantSlotsVacant) {
  ClusterMap map = TestMap({.node_count = 5});
  for (PartitionEntry& entry : map.partitions) {
    entry.slots = {Slot::Settled(0), Slot::Settled(2), Slot::Vacant(4)};
  }

  RemoveNode(map, 1);

  EXPECT_EQ(map.partitions[0].slots[2], Slot::Vacant(3));
}

TEST(ClusterMapTest, RemovingANodeThatASlotNamesIsABug) {
  ClusterMap map = TestMap();

  EXPECT_DEATH(RemoveNode(map, 0), "check failed");
  EXPECT_DEATH(RemoveNode(map, 9), "check failed");
}

TEST(ClusterMapTest, EqualOnlyWhenEveryFieldIs) {
  const ClusterMap map = TestMap();
  EXPECT_EQ(map, TestMap());

  ClusterMap other = map;
  other.nodes[1].weight = 99;
  EXPECT_NE(other, map);
  other = map;
  other.partitions[1].slots[0].joiner = 3;
  EXPECT_NE(other, map);
  other = map;
  other.namespaces[0].default_consistency = model::Consistency::kAll;
  EXPECT_NE(other, map);
}

TEST(ClusterMapTest, RemovingANodeShiftsTheChangeToo) {
  ClusterMap map = TestMap({.node_count = 6});
  for (PartitionEntry& entry : map.partitions) {
    entry.slots = {Slot::Settled(0), Slot::Settled(1), Slot::Settled(2)};
  }
  map.change = Change{.moves = {{.partition = 0, .slot = 0, .from = 0, .to = 5}},
                      .removes = {4, 3},
                      .weights_on_abort = {{4, 1}, {5, 2}}};

  RemoveNode(map, 4);

  EXPECT_EQ(map.change->moves[0].from, 0);
  EXPECT_EQ(map.change->moves[0].to, 4);
  EXPECT_EQ(map.change->removes, std::vector<NodeIndex>{3});
  EXPECT_EQ(map.change->weights_on_abort, (std::vector<NodeWeight>{{4, 2}}));
}

}  // namespace
}  // namespace quorumcache::topology
