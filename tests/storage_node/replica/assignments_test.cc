// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/assignments.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/memory_engine.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::replica {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using topology::ClusterMap;
using topology::Next;
using topology::SetSlot;
using topology::Slot;
using topology::TestMap;

// Partition 0 of TestMap is held by n1, n2, n3; n4 is free.
const Self kN1{"n1", 101};
const Self kN4{"n4", 104};

class AssignmentsTest : public testing::Test {
 protected:
  std::unique_ptr<Replica> OpenAs(const Self& self, const ClusterMap& map) {
    auto replica =
        *Replica::Open(&engine_, {.incarnation = self.incarnation, .partition_count = 4});
    Tell(replica.get(), self, map);
    return replica;
  }
  void Tell(Replica* replica, const Self& self, const ClusterMap& map) {
    ASSERT_TRUE(replica->Configure(AssignmentsOf(map, self)).ok());
  }

  engine::MemoryEngine engine_;
};

TEST_F(AssignmentsTest, SayWhoHoldsAndWhoJoins) {
  ClusterMap map = Next(TestMap());
  SetSlot(map, 0, 1, Slot::Moving(1, 3));

  const auto joiner = AssignmentsOf(map, kN4);
  EXPECT_TRUE(joiner[0].is_held);
  EXPECT_TRUE(joiner[0].is_joiner);
  EXPECT_EQ(joiner[0].epoch, 6u);
  EXPECT_EQ(joiner[0].ballot_floor_epoch, 6u);
  const auto holder = AssignmentsOf(map, {"n2", 102});
  EXPECT_TRUE(holder[0].is_held);
  EXPECT_FALSE(holder[0].is_joiner);
}

TEST_F(AssignmentsTest, StrangersAndOldDisksHoldNothing) {
  for (const Self& self : {Self{"n9", 101}, Self{"n1", 999}}) {
    for (const auto& assignment : AssignmentsOf(TestMap(), self)) {
      EXPECT_FALSE(assignment.is_held);
      EXPECT_EQ(assignment.epoch, 1u);
    }
  }
}

TEST_F(AssignmentsTest, AMovingSlotIsCopiedFromItsHolder) {
  ClusterMap map = Next(TestMap());
  SetSlot(map, 0, 1, Slot::Moving(1, 3));
  const auto replica = OpenAs(kN4, map);

  const std::vector<JoinTask> tasks = JoinTasksOf(map, kN4, *replica);

  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].partition, 0u);
  EXPECT_EQ(tasks[0].join_id(), 6u);
  EXPECT_TRUE(tasks[0].same_slot);
  EXPECT_EQ(tasks[0].sources_needed, 1u);
  EXPECT_THAT(tasks[0].sources, ElementsAre(NodeRef{"n2", 102}));
  EXPECT_FALSE(tasks[0].complete);
  EXPECT_THAT(JoinTasksOf(map, kN1, *replica), IsEmpty());
}

TEST_F(AssignmentsTest, AVacantSlotIsMergedFromAMajorityOfTheOthers) {
  ClusterMap map = Next(TestMap());
  SetSlot(map, 0, 1, Slot::Vacant(3));
  const auto replica = OpenAs(kN4, map);

  const std::vector<JoinTask> tasks = JoinTasksOf(map, kN4, *replica);

  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_FALSE(tasks[0].same_slot);
  EXPECT_EQ(tasks[0].sources_needed, 2u);
  EXPECT_THAT(tasks[0].sources, ElementsAre(NodeRef{"n1", 101}, NodeRef{"n3", 103}));
}

TEST_F(AssignmentsTest, AReplicaThatHasNotTakenTheMapHasNoTasks) {
  const auto replica = OpenAs(kN4, TestMap());
  ClusterMap map = Next(TestMap());
  SetSlot(map, 0, 1, Slot::Moving(1, 3));

  EXPECT_THAT(JoinTasksOf(map, kN4, *replica), IsEmpty());
  EXPECT_THAT(DropTasksOf(map, *replica), IsEmpty());
}

TEST_F(AssignmentsTest, WhatHasLeftForGoodIsToBeDropped) {
  const auto replica = OpenAs(kN1, TestMap());
  ClusterMap moving = Next(TestMap());
  SetSlot(moving, 0, 0, Slot::Moving(0, 3));
  Tell(replica.get(), kN1, moving);
  EXPECT_THAT(DropTasksOf(moving, *replica), IsEmpty());
  ClusterMap settled = Next(moving);
  SetSlot(settled, 0, 0, Slot::Settled(3));
  Tell(replica.get(), kN1, settled);

  const std::vector<DropTask> tasks = DropTasksOf(settled, *replica);

  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].partition, 0u);
  EXPECT_EQ(tasks[0].epoch, settled.epoch);
  EXPECT_EQ(tasks[0].others_needed, 2u);
  EXPECT_THAT(tasks[0].others,
              ElementsAre(NodeRef{"n4", 104}, NodeRef{"n2", 102}, NodeRef{"n3", 103}));
}

// The simulator's seed 1591: a node said to be dead had dropped what an abort then gave back.
TEST_F(AssignmentsTest, AVacantSlotsOldNodeKeepsWhatItHas) {
  const auto replica = OpenAs(kN1, TestMap());
  ClusterMap vacant = Next(TestMap());
  SetSlot(vacant, 0, 0, Slot::Vacant(3));
  Tell(replica.get(), kN1, vacant);

  EXPECT_THAT(DropTasksOf(vacant, *replica), IsEmpty());
  ClusterMap aborted = Next(vacant);
  SetSlot(aborted, 0, 0, Slot::Settled(0));
  Tell(replica.get(), kN1, aborted);
  EXPECT_TRUE(replica->partitions().HasWholeCopy(0));
}

}  // namespace
}  // namespace quorumcache::replica
