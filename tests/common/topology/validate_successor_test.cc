// SPDX-License-Identifier: Apache-2.0
// The steps that docs/PROTOCOL.md#topology allows, and those that would let two quorums miss each
// other.
#include <string>

#include "absl/status/status.h"
#include "common/topology/validate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

auto RefusedBecause(const std::string& text) {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(text));
}

// Node numbers 0..5; partition 0 is held by 0, 1, 2.
ClusterMap SixNodes() {
  return TestMap({.node_count = 6});
}

// What is said about partition 0's slot 0 going from `before` to `after`.
absl::Status Step(Slot before, Slot after) {
  ClusterMap map = SixNodes();
  SetSlot(map, 0, 0, before);
  ClusterMap next = Next(map);
  SetSlot(next, 0, 0, after);
  return ValidateSuccessor(map, next);
}

TEST(ValidateSuccessorTest, TakesTheSameMapOneEpochLater) {
  EXPECT_THAT(ValidateSuccessor(SixNodes(), Next(SixNodes())), IsOk());
}

TEST(ValidateSuccessorTest, RefusesAnyOtherEpoch) {
  const ClusterMap map = SixNodes();
  EXPECT_THAT(ValidateSuccessor(map, map), RefusedBecause("epoch: is 5, must be 6"));
  EXPECT_THAT(ValidateSuccessor(map, Next(Next(map))), RefusedBecause("epoch: is 7, must be 6"));
}

TEST(ValidateSuccessorTest, RefusesTheMapOfAnotherCluster) {
  ClusterMap next = Next(SixNodes());
  next.cluster_id = "other";
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next), RefusedBecause("cluster_id"));
}

TEST(ValidateSuccessorTest, RefusesOtherPartitionsOrReplicationFactor) {
  EXPECT_THAT(ValidateSuccessor(SixNodes(), Next(TestMap({.node_count = 6, .partition_count = 8}))),
              RefusedBecause("partitions"));
  EXPECT_THAT(
      ValidateSuccessor(SixNodes(), Next(TestMap({.node_count = 6, .replication_factor = 5}))),
      RefusedBecause("replication_factor"));
}

TEST(ValidateSuccessorTest, LiveMoveGoesThroughThePair) {
  EXPECT_THAT(Step(Slot::Settled(0), Slot::Moving(0, 4)), IsOk());
  EXPECT_THAT(Step(Slot::Moving(0, 4), Slot::Settled(4)), IsOk());
}

TEST(ValidateSuccessorTest, LiveMoveMayBeAborted) {
  EXPECT_THAT(Step(Slot::Moving(0, 4), Slot::Settled(0)), IsOk());
}

TEST(ValidateSuccessorTest, DeadReplacementGoesThroughTheVacantSlot) {
  EXPECT_THAT(Step(Slot::Settled(0), Slot::Vacant(4)), IsOk());
  EXPECT_THAT(Step(Slot::Moving(0, 4), Slot::Vacant(4)), IsOk());
  EXPECT_THAT(Step(Slot::Vacant(4), Slot::Vacant(5)), IsOk());
  EXPECT_THAT(Step(Slot::Vacant(4), Slot::Settled(4)), IsOk());
}

TEST(ValidateSuccessorTest, DeadReplacementMayBeAborted) {
  EXPECT_THAT(Step(Slot::Vacant(4), Slot::Settled(0)), IsOk());
}

TEST(ValidateSuccessorTest, RefusesAJumpFromOneHolderToAnother) {
  EXPECT_THAT(Step(Slot::Settled(0), Slot::Settled(4)), RefusedBecause("slot 0 must go through"));
}

TEST(ValidateSuccessorTest, RefusesAnotherHolderOrJoinerInAPair) {
  EXPECT_THAT(Step(Slot::Settled(0), Slot::Moving(4, 0)), RefusedBecause("slot 0 must"));
  EXPECT_THAT(Step(Slot::Settled(0), Slot::Moving(4, 5)), RefusedBecause("slot 0 must"));
  EXPECT_THAT(Step(Slot::Moving(0, 4), Slot::Moving(0, 5)), RefusedBecause("slot 0 must"));
  EXPECT_THAT(Step(Slot::Moving(0, 4), Slot::Settled(5)), RefusedBecause("slot 0 must"));
  EXPECT_THAT(Step(Slot::Vacant(4), Slot::Moving(0, 4)), RefusedBecause("slot 0 must"));
}

TEST(ValidateSuccessorTest, RefusesAChangedEntryWithAnOldEpoch) {
  ClusterMap next = Next(SixNodes());
  SetSlot(next, 1, 0, Slot::Moving(1, 5));
  next.partitions[1].epoch = 5;
  next.partitions[1].ballot_floor_epoch = 5;
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next),
              RefusedBecause("partition 1: it changed, so its epoch must be the map's 6, not 5"));
}

TEST(ValidateSuccessorTest, RefusesAMoveWithoutABallotFloor) {
  ClusterMap next = Next(SixNodes());
  SetSlot(next, 1, 0, Slot::Moving(1, 5));
  next.partitions[1].ballot_floor_epoch = 0;
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next),
              RefusedBecause("ballot_floor_epoch must be the entry's epoch 6"));
}

TEST(ValidateSuccessorTest, RefusesTwoSlotsOfOnePartitionAtOnce) {
  ClusterMap map = SixNodes();
  SetSlot(map, 0, 0, Slot::Moving(0, 4));
  ClusterMap next = Next(map);
  SetSlot(next, 0, 0, Slot::Settled(4));
  SetSlot(next, 0, 1, Slot::Moving(1, 5));
  EXPECT_THAT(ValidateSuccessor(map, next), RefusedBecause("more than one of its slots changes"));
}

TEST(ValidateSuccessorTest, ManyPartitionsMayChangeAtOnce) {
  ClusterMap next = Next(SixNodes());
  SetSlot(next, 0, 0, Slot::Moving(0, 5));
  SetSlot(next, 1, 2, Slot::Vacant(5));
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next), IsOk());
}

TEST(ValidateSuccessorTest, RefusesEpochsAndFloorsThatGoBack) {
  ClusterMap map = SixNodes();
  map.partitions[0].epoch = 4;
  map.partitions[0].ballot_floor_epoch = 4;

  ClusterMap next = Next(map);
  next.partitions[0].epoch = 3;
  next.partitions[0].ballot_floor_epoch = 3;
  EXPECT_THAT(ValidateSuccessor(map, next), RefusedBecause("its epoch goes back from 4 to 3"));

  next.partitions[0].epoch = 6;
  EXPECT_THAT(ValidateSuccessor(map, next),
              RefusedBecause("its ballot_floor_epoch goes back from 4 to 3"));
}

TEST(ValidateSuccessorTest, AnEpochMayBeRaisedToFence) {
  ClusterMap next = Next(SixNodes());
  next.partitions[0].epoch = 6;
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next), IsOk());
}

TEST(ValidateSuccessorTest, NodesComeAndGoWithoutTouchingEntries) {
  ClusterMap map = SixNodes();
  for (PartitionEntry& entry : map.partitions) {
    entry.slots = {Slot::Settled(0), Slot::Settled(2), Slot::Settled(5)};
  }
  ClusterMap next = Next(map);
  next.nodes.push_back(TestNode(7));
  RemoveNode(next, 1);

  EXPECT_THAT(ValidateSuccessor(map, next), IsOk());
}

TEST(ValidateSuccessorTest, ReplacingANodeUnderItsSlotsIsAJump) {
  ClusterMap next = Next(SixNodes());
  next.nodes[0].id = "stranger";
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next), RefusedBecause("partition 0"));
}

TEST(ValidateSuccessorTest, AFreshNodeBindsItsIncarnation) {
  ClusterMap map = SixNodes();
  map.nodes[0].incarnation = 0;
  ClusterMap next = Next(map);
  next.nodes[0].incarnation = 77;
  EXPECT_THAT(ValidateSuccessor(map, next), IsOk());
}

TEST(ValidateSuccessorTest, AHolderKeepsItsIncarnation) {
  ClusterMap next = Next(SixNodes());
  next.nodes[0].incarnation = 77;
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next), RefusedBecause("node n1: its incarnation"));
  next.nodes[0].incarnation = 0;
  EXPECT_THAT(ValidateSuccessor(SixNodes(), next), RefusedBecause("node n1: its incarnation"));
}

TEST(ValidateSuccessorTest, ANodeThatHoldsNothingMayComeBackAsANewIncarnation) {
  ClusterMap map = SixNodes();
  for (PartitionEntry& entry : map.partitions) {
    entry.slots = {Slot::Settled(1), Slot::Settled(2), Slot::Vacant(0)};
  }
  ClusterMap next = Next(map);
  next.nodes[0].incarnation = 77;
  EXPECT_THAT(ValidateSuccessor(map, next), IsOk());
}

}  // namespace
}  // namespace quorumcache::topology
