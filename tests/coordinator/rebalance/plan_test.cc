// SPDX-License-Identifier: Apache-2.0
#include "coordinator/rebalance/plan.h"

#include <algorithm>
#include <string>

#include "common/topology/placement.h"
#include "common/topology/validate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::rebalance {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::Node;
using topology::PlannedMove;
using topology::Slot;
using topology::TestMap;

// Placed by the planner, so that nothing but the change moves.
ClusterMap BalancedMap(uint32_t nodes = 4, uint32_t partitions = 64) {
  ClusterMap map = TestMap({.node_count = nodes, .partition_count = partitions});
  for (Node& node : map.nodes) node.zone = node.id;
  const auto placement = *topology::PlanPlacement(map);
  for (size_t p = 0; p < placement.size(); ++p) {
    for (size_t s = 0; s < 3; ++s) map.partitions[p].slots[s] = Slot::Settled(placement[p][s]);
  }
  return map;
}

AddNode NewNode(uint32_t number) {
  Node node = topology::TestNode(number);
  node.zone = node.id;
  return {node, ""};
}

absl::StatusOr<ChangePlan> PlanOf(const ClusterMap& map, std::vector<Edit> edits) {
  return MakePlan(map, {std::move(edits)}, {});
}

auto Refused(absl::StatusCode code, const std::string& text) {
  return StatusIs(code, HasSubstr(text));
}

TEST(PlanTest, AddTakesAFairShareAndNothingElseMoves) {
  const ClusterMap map = BalancedMap();
  PartitionSizes sizes(64, 1000);

  const auto plan = MakePlan(map, {{NewNode(5)}}, sizes);

  ASSERT_THAT(plan.status(), IsOk());
  EXPECT_EQ(plan->summary, "add n5");
  EXPECT_EQ(plan->map_epoch, map.epoch);
  for (const PlannedMove& move : plan->moves) EXPECT_EQ(plan->next.nodes[move.to].id, "n5");
  EXPECT_NEAR(static_cast<double>(plan->moves.size()), 192.0 / 5, 1.0);
  EXPECT_EQ(plan->bytes_total, plan->moves.size() * 1000);
  EXPECT_EQ(plan->nodes.back().id, "n5");
  EXPECT_EQ(plan->nodes.back().replicas_before, 0u);
  EXPECT_EQ(plan->nodes.back().replicas_after, plan->moves.size());
  EXPECT_EQ(plan->nodes.back().bytes_in, plan->bytes_total);
}

TEST(PlanTest, CommitPublishesTheChangeAndMovesNothingYet) {
  const ClusterMap map = BalancedMap();
  const auto plan = PlanOf(map, {NewNode(5)});
  ASSERT_THAT(plan.status(), IsOk());

  const ClusterMap& next = plan->next;
  EXPECT_EQ(next.epoch, map.epoch + 1);
  EXPECT_EQ(next.partitions, map.partitions);
  EXPECT_EQ(next.nodes.back().incarnation, NewNode(5).node.incarnation) << "as it says itself";
  ASSERT_TRUE(next.change.has_value());
  EXPECT_EQ(next.change->id, next.epoch);
  EXPECT_EQ(next.change->moves, plan->moves);
  EXPECT_EQ(next.change->moves_total, plan->moves.size());
  EXPECT_THAT(topology::Validate(next), IsOk());
  EXPECT_THAT(topology::ValidateSuccessor(map, next), IsOk());
}

TEST(PlanTest, TheSameMapAndRequestGiveTheSamePlan) {
  const ClusterMap map = BalancedMap();

  EXPECT_EQ(PlanOf(map, {NewNode(5), DrainNode{"n1"}})->next,
            PlanOf(map, {NewNode(5), DrainNode{"n1"}})->next);
}

TEST(PlanTest, DrainEmptiesAndRemoveLeaves) {
  const ClusterMap map = BalancedMap(5);

  const auto drain = PlanOf(map, {DrainNode{"n2"}});
  ASSERT_THAT(drain.status(), IsOk());
  EXPECT_EQ(drain->nodes[1].replicas_after, 0u);
  EXPECT_TRUE(drain->next.change->removes.empty());
  const auto remove = PlanOf(map, {RemoveNode{"n2"}});
  ASSERT_THAT(remove.status(), IsOk());
  EXPECT_EQ(remove->next.change->removes, (std::vector<topology::NodeIndex>{1}));
  for (const PlannedMove& move : remove->moves) EXPECT_FALSE(move.from_is_dead);
}

TEST(PlanTest, ReplacingADeadNodeGivesItsSlotsToTheNewOne) {
  const ClusterMap map = BalancedMap();
  const auto plan = PlanOf(map, {ReplaceNode{"n3", "n5", NewNode(5)}});

  ASSERT_THAT(plan.status(), IsOk());
  EXPECT_EQ(plan->summary, "replace n3 with n5");
  for (const PlannedMove& move : plan->moves) {
    EXPECT_EQ(plan->next.nodes[move.from].id, "n3");
    EXPECT_EQ(plan->next.nodes[move.to].id, "n5");
    EXPECT_TRUE(move.from_is_dead);
  }
  EXPECT_EQ(plan->moves.size(), plan->nodes[2].replicas_before);
  EXPECT_EQ(plan->next.change->removes, (std::vector<topology::NodeIndex>{2}));
}

TEST(PlanTest, ANewDiskTakesItsOwnSlotsAgain) {
  const ClusterMap map = BalancedMap();
  const auto plan = PlanOf(map, {ReplaceNode{"n3", "n3", {}}});

  ASSERT_THAT(plan.status(), IsOk());
  EXPECT_EQ(plan->next.nodes[2].incarnation, 0u);
  for (const PlannedMove& move : plan->moves) {
    EXPECT_EQ(move.from, move.to);
    EXPECT_EQ(plan->next.partitions[move.partition].slots[move.slot], Slot::Vacant(2));
  }
  EXPECT_THAT(MakeAbort(plan->next),
              Refused(absl::StatusCode::kFailedPrecondition, "nothing to go back to"));
}

TEST(PlanTest, WhatMovesNothingIsDoneAtOnce) {
  ClusterMap map = BalancedMap();
  map.nodes.push_back(topology::TestNode(5));
  map.nodes.back().weight = 0;

  const auto plan = PlanOf(map, {RemoveNode{"n5"}});

  ASSERT_THAT(plan.status(), IsOk());
  EXPECT_FALSE(plan->next.change.has_value());
  EXPECT_EQ(plan->next.nodes.size(), 4u);
  EXPECT_FALSE(plan->changes_nothing);
  EXPECT_TRUE(PlanOf(map, {})->changes_nothing);
}

TEST(PlanTest, SaysWhatIsWrong) {
  const ClusterMap map = BalancedMap(3);
  using enum absl::StatusCode;
  EXPECT_THAT(PlanOf(map, {DrainNode{"n9"}}), Refused(kNotFound, "no node n9"));
  EXPECT_THAT(PlanOf(map, {RemoveNode{"n1"}}), Refused(kOutOfRange, "only 2 nodes would be left"));
  EXPECT_THAT(PlanOf(map, {SetWeight{"n1", 0}}),
              Refused(kOutOfRange, "only 2 nodes would be left"));
  EXPECT_THAT(PlanOf(map, {NewNode(2)}), Refused(kAlreadyExists, "n2 is in the cluster"));
  AddNode same_address = NewNode(4);
  same_address.node.address = map.nodes[0].address;
  EXPECT_THAT(PlanOf(map, {same_address}), Refused(kAlreadyExists, "in use by node n1"));
  AddNode foreign = NewNode(4);
  foreign.cluster_id = "another";
  EXPECT_THAT(PlanOf(map, {foreign}), Refused(kFailedPrecondition, "belongs to cluster another"));
  AddNode malformed = NewNode(4);
  malformed.node.address = "nowhere";
  EXPECT_THAT(PlanOf(map, {malformed}), Refused(kInvalidArgument, "nowhere"));
  EXPECT_THAT(PlanOf(map, {SetWeight{"n1", 1'000'000}}), Refused(kInvalidArgument, "weight"));
  EXPECT_THAT(PlanOf(map, {SetZone{"n1", "a b"}}), Refused(kInvalidArgument, "zone"));
  EXPECT_THAT(PlanOf(map, {DrainNode{"n1"}, SetWeight{"n1", 5}}),
              Refused(kInvalidArgument, "named twice"));
  EXPECT_THAT(PlanOf(BalancedMap(), {ReplaceNode{"n1", "n2", {}}}),
              Refused(kFailedPrecondition, "holds partitions already"));
  EXPECT_THAT(CheckEpoch(map, 4), Refused(kFailedPrecondition, "plan again"));
  EXPECT_THAT(CheckEpoch(map, map.epoch), IsOk());
}

TEST(PlanTest, OneChangeAtATime) {
  const ClusterMap next = PlanOf(BalancedMap(), {NewNode(5)})->next;

  EXPECT_THAT(PlanOf(next, {NewNode(6)}),
              Refused(absl::StatusCode::kFailedPrecondition, "a change is under way (add n5"));
}

TEST(PlanTest, AbortGivesEverythingBackThatIsNotCutOver) {
  ClusterMap map = PlanOf(BalancedMap(), {NewNode(5), SetWeight{"n1", 50}})->next;
  const std::vector<PlannedMove> moves = map.change->moves;
  ++map.epoch;
  topology::SetSlot(map, moves[0].partition, moves[0].slot,
                    Slot::Moving(moves[0].from, moves[0].to));

  const auto aborted = MakeAbort(map);

  ASSERT_THAT(aborted.status(), IsOk());
  EXPECT_FALSE(aborted->change.has_value());
  EXPECT_TRUE(aborted->IsSettled());
  const topology::PartitionEntry& entry = aborted->partitions[moves[0].partition];
  EXPECT_EQ(entry.slots[moves[0].slot], Slot::Settled(moves[0].from));
  EXPECT_EQ(entry.epoch, map.epoch + 1);
  EXPECT_EQ(aborted->nodes[0].weight, 100u);
  EXPECT_EQ(aborted->nodes[4].weight, 0u) << "stays, and is given nothing";
  EXPECT_THAT(MakeAbort(*aborted), Refused(absl::StatusCode::kFailedPrecondition, "no change"));
}

}  // namespace
}  // namespace quorumcache::rebalance
