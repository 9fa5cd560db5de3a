// SPDX-License-Identifier: Apache-2.0
#include "common/topology/diff.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(DiffTest, EqualMapsDifferInNothing) {
  const MapDiff diff = Diff(TestMap(), TestMap());

  EXPECT_TRUE(diff.empty());
  EXPECT_EQ(diff.ReplicasMoved(), 0u);
}

TEST(DiffTest, ANewEpochAloneIsNoChange) {
  const MapDiff diff = Diff(TestMap(), Next(TestMap()));

  EXPECT_TRUE(diff.empty());
  EXPECT_EQ(diff.epoch_before, 5u);
  EXPECT_EQ(diff.epoch_after, 6u);
}

TEST(DiffTest, NamesEveryChangedFieldOfANode) {
  ClusterMap after = TestMap();
  after.nodes[1].address = "10.0.0.2:7400";
  after.nodes[1].zone = "z9";
  after.nodes[1].weight = 50;
  after.nodes[1].incarnation = 7;

  EXPECT_THAT(Diff(TestMap(), after).fields,
              ElementsAre(FieldChange{"node n2", "address", "127.0.0.1:7002", "10.0.0.2:7400"},
                          FieldChange{"node n2", "zone", "z2", "z9"},
                          FieldChange{"node n2", "weight", "100", "50"},
                          FieldChange{"node n2", "incarnation", "102", "7"}));
}

TEST(DiffTest, NamesNodesThatComeAndGo) {
  ClusterMap before = TestMap({.node_count = 5});
  for (PartitionEntry& entry : before.partitions) {
    entry.slots = {Slot::Settled(0), Slot::Settled(1), Slot::Settled(3)};
  }
  ClusterMap after = before;
  RemoveNode(after, 2);
  after.nodes.push_back(TestNode(6));

  const MapDiff diff = Diff(before, after);

  EXPECT_THAT(diff.fields, ElementsAre(FieldChange{"node n6", "", "", "127.0.0.1:7006"},
                                       FieldChange{"node n3", "", "127.0.0.1:7003", ""}));
  // Indexes shifted, holders did not.
  EXPECT_THAT(diff.partitions, IsEmpty());
  EXPECT_THAT(diff.ownership, IsEmpty());
}

TEST(DiffTest, NamesChangedNamespaces) {
  ClusterMap before = TestMap();
  before.namespaces.push_back({"gone", model::Consistency::kAll});
  ClusterMap after = TestMap();
  after.namespaces[0].default_consistency = model::Consistency::kOne;
  after.namespaces.push_back({"new", model::Consistency::kQuorum});

  EXPECT_THAT(Diff(before, after).fields,
              ElementsAre(FieldChange{"namespace default", "default_consistency", "QUORUM", "ONE"},
                          FieldChange{"namespace new", "", "", "QUORUM"},
                          FieldChange{"namespace gone", "", "ALL", ""}));
}

TEST(DiffTest, CountsWhatAMoveCopies) {
  const ClusterMap before = TestMap();
  ClusterMap after = before;
  // Partition 0 is on n1, n2, n3; partition 1 on n2, n3, n4.
  after.partitions[0].slots[0] = Slot::Settled(3);
  after.partitions[1].slots[2] = Slot::Settled(0);

  const MapDiff diff = Diff(before, after);

  EXPECT_THAT(diff.partitions, ElementsAre(0, 1));
  // Each lost one and gained one: the count alone would hide both moves.
  EXPECT_THAT(diff.ownership,
              ElementsAre(OwnershipChange{"n1", 3, 3, 1}, OwnershipChange{"n4", 3, 3, 1}));
  EXPECT_EQ(diff.ReplicasMoved(), 2u);
}

TEST(DiffTest, AJoinerIsToCopyAndTheHolderStays) {
  const ClusterMap before = TestMap();
  ClusterMap after = Next(before);
  SetSlot(after, 0, 0, Slot::Moving(0, 3));

  const MapDiff diff = Diff(before, after);

  EXPECT_THAT(diff.partitions, ElementsAre(0));
  EXPECT_THAT(diff.ownership, ElementsAre(OwnershipChange{"n4", 3, 4, 1}));
}

TEST(DiffTest, AnEntrysEpochAloneIsAChangeOfThePartition) {
  ClusterMap after = Next(TestMap());
  after.partitions[2].epoch = 6;

  const MapDiff diff = Diff(TestMap(), after);

  EXPECT_THAT(diff.partitions, ElementsAre(2));
  EXPECT_THAT(diff.ownership, IsEmpty());
}

TEST(DiffTest, FromNoMapEverythingIsNew) {
  const MapDiff diff = Diff(ClusterMap(), TestMap());

  EXPECT_EQ(diff.fields.size(), 5u);
  EXPECT_EQ(diff.partitions.size(), 4u);
  EXPECT_EQ(diff.ReplicasMoved(), 12u);
}

TEST(DiffTest, TextHasOneLineAFact) {
  ClusterMap after = Next(TestMap());
  after.nodes[1].weight = 50;
  after.nodes.push_back(TestNode(5));
  SetSlot(after, 0, 0, Slot::Moving(0, 4));

  EXPECT_EQ(Diff(TestMap(), after).ToString(),
            "epoch 5 -> 6\n"
            "node n2: weight 100 -> 50\n"
            "node n5: new, 127.0.0.1:7005\n"
            "node n5: replicas 0 -> 1 (1 to copy)\n"
            "1 partitions change, 1 replicas to copy");
}

TEST(DiffTest, TextSaysWhatIsGone) {
  ClusterMap after = Next(TestMap());
  after.namespaces.clear();

  EXPECT_THAT(Diff(TestMap(), after).ToString(), HasSubstr("namespace default: gone, was QUORUM"));
}

TEST(DiffTest, NamesAChangeThatBeginsAndGoesOn) {
  const ClusterMap before = TestMap();
  ClusterMap after = Next(before);
  after.change = Change{.summary = "add n5", .moves_total = 9, .moves = {{}, {}}};

  const MapDiff diff = Diff(before, after);

  ASSERT_EQ(diff.fields.size(), 1u);
  EXPECT_EQ(diff.fields[0], (FieldChange{"change", "", "", "add n5, 2 of 9 moves to do"}));
}

}  // namespace
}  // namespace quorumcache::topology
