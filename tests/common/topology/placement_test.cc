// SPDX-License-Identifier: Apache-2.0
#include "common/topology/placement.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct EqualNodes {
  uint32_t node_count = 3;
  uint32_t zone_count = 1;
  uint32_t partition_count = 256;
  uint32_t replication_factor = 3;
};

ClusterMap FirstMap(const EqualNodes& shape) {
  NewCluster cluster{.cluster_id = "test",
                     .replication_factor = shape.replication_factor,
                     .partition_count = shape.partition_count};
  for (uint32_t i = 1; i <= shape.node_count; ++i) {
    cluster.nodes.push_back(TestNode(i));
    cluster.nodes.back().zone = absl::StrCat("z", i % shape.zone_count);
  }
  return *MakeFirstMap(cluster);
}

// One more node, in the zone of the first.
void AddNode(ClusterMap& map) {
  map.nodes.push_back(TestNode(static_cast<uint32_t>(map.nodes.size()) + 1));
  map.nodes.back().zone = map.nodes.front().zone;
}

// Puts the planned replicas into the map, as if all moves were done.
ClusterMap Applied(ClusterMap map, const Placement& placement) {
  for (size_t p = 0; p < placement.size(); ++p) {
    map.partitions[p].slots.clear();
    for (const NodeIndex node : placement[p]) {
      map.partitions[p].slots.push_back(Slot::Settled(node));
    }
  }
  return map;
}

TEST(MakeFirstMapTest, ThreeNodesHoldEverything) {
  const ClusterMap map = FirstMap({});

  EXPECT_EQ(map.epoch, 1u);
  EXPECT_EQ(map.partitions.size(), 256u);
  EXPECT_THAT(ReplicaCounts(map), Each(256));
  EXPECT_TRUE(map.IsSettled());
  EXPECT_EQ(map.partitions[0].epoch, 1u);
  EXPECT_EQ(map.partitions[0].ballot_floor_epoch, 0u);
}

TEST(MakeFirstMapTest, AddsTheDefaultNamespaceOnce) {
  EXPECT_THAT(FirstMap({}).namespaces,
              ElementsAre(Namespace{"default", model::Consistency::kQuorum}));

  NewCluster cluster{.cluster_id = "test", .replication_factor = 1, .partition_count = 16};
  cluster.nodes = {TestNode(1)};
  cluster.namespaces = {{"default", model::Consistency::kOne}};
  EXPECT_EQ(MakeFirstMap(cluster)->namespaces, cluster.namespaces);
}

TEST(MakeFirstMapTest, IsTheSameEveryTime) {
  EXPECT_EQ(FirstMap({.node_count = 11, .zone_count = 4}),
            FirstMap({.node_count = 11, .zone_count = 4}));
}

TEST(MakeFirstMapTest, RefusesWhatValidateRefuses) {
  NewCluster cluster{.cluster_id = "a b", .nodes = {TestNode(1), TestNode(2), TestNode(3)}};
  EXPECT_THAT(MakeFirstMap(cluster), StatusIs(absl::StatusCode::kInvalidArgument));
  cluster.cluster_id = "ok";
  cluster.nodes[1].id = "n1";
  EXPECT_THAT(MakeFirstMap(cluster), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MakeFirstMapTest, RefusesShapesOutOfRange) {
  NewCluster cluster{.cluster_id = "test", .nodes = {TestNode(1), TestNode(2), TestNode(3)}};
  for (const uint32_t count : {0u, 3u, 100u, 32768u}) {
    cluster.partition_count = count;
    EXPECT_THAT(MakeFirstMap(cluster),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("power of two")));
  }
  cluster.partition_count = 16;
  for (const uint32_t replicas : {0u, 8u}) {
    cluster.replication_factor = replicas;
    EXPECT_THAT(MakeFirstMap(cluster), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(MakeFirstMapTest, RefusesFewerNodesThanReplicas) {
  NewCluster cluster{.cluster_id = "test", .nodes = {TestNode(1), TestNode(2)}};
  EXPECT_THAT(MakeFirstMap(cluster), StatusIs(absl::StatusCode::kFailedPrecondition,
                                              HasSubstr("3 replicas need as many nodes")));
}

TEST(MakeFirstMapTest, RefusesTooManyNodesBeforePlanning) {
  NewCluster cluster{.cluster_id = "test"};
  for (uint32_t i = 1; i <= 1025; ++i) cluster.nodes.push_back(TestNode(i));
  EXPECT_THAT(MakeFirstMap(cluster), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MakeFirstMapTest, EnoughZonesMeanDistinctZones) {
  const ClusterMap map = FirstMap({.node_count = 10, .zone_count = 3});

  for (const PartitionEntry& entry : map.partitions) {
    std::set<std::string> zones;
    for (const Slot& slot : entry.slots) zones.insert(map.nodes[slot.holder].zone);
    EXPECT_EQ(zones.size(), 3u);
  }
}

TEST(MakeFirstMapTest, ADeadNodesLoadFallsOnAllOthers) {
  // Ten nodes, 77 partitions each; two others per partition: 17 in common with each of nine, on
  // average.
  const ClusterMap map = FirstMap({.node_count = 10});

  std::vector<std::vector<int>> common(10, std::vector<int>(10));
  for (const PartitionEntry& entry : map.partitions) {
    for (const Slot& a : entry.slots) {
      for (const Slot& b : entry.slots) ++common[a.holder][b.holder];
    }
  }
  for (int a = 0; a < 10; ++a) {
    for (int b = 0; b < 10; ++b) {
      if (a == b) continue;
      EXPECT_GE(common[a][b], 5) << a << " and " << b;
      EXPECT_LE(common[a][b], 34) << a << " and " << b;
    }
  }
}

TEST(PlanPlacementTest, ABalancedMapStaysAsItIs) {
  for (const uint32_t node_count : {3u, 4u, 7u, 16u}) {
    const ClusterMap map = FirstMap({.node_count = node_count, .zone_count = 3});
    EXPECT_THAT(MovesTo(map, *PlanPlacement(map)), IsEmpty());
  }
}

TEST(PlanPlacementTest, OneMoreEqualNodeTakesItsShareAndNothingElseMoves) {
  for (uint32_t m = 3; m <= 12; ++m) {
    ClusterMap map = FirstMap({.node_count = m});
    AddNode(map);

    const std::vector<Move> moves = MovesTo(map, *PlanPlacement(map));

    // 1/(m + 1) of 256 * 3 replicas, rounded either way.
    EXPECT_GE(moves.size(), 768 / (m + 1));
    EXPECT_LE(moves.size(), 768 / (m + 1) + 1);
    for (const Move& move : moves) EXPECT_EQ(move.to, m);
  }
}

TEST(PlanPlacementTest, OneMoreNodePerZoneAlsoMovesItsShareOnly) {
  ClusterMap map = FirstMap({.node_count = 9, .zone_count = 3});
  AddNode(map);

  // Zones hold a third each, so the new node gets a quarter of one: 64 of 256.
  EXPECT_EQ(MovesTo(map, *PlanPlacement(map)).size(), 64u);
}

TEST(PlanPlacementTest, SeveralNodesAtOnceMoveTheirSharesOnly) {
  ClusterMap map = FirstMap({.node_count = 3});
  for (int i = 0; i < 3; ++i) AddNode(map);

  EXPECT_EQ(MovesTo(map, *PlanPlacement(map)).size(), 384u);
}

TEST(PlanPlacementTest, ADrainedNodeGivesAwayWhatItHasAndNothingElseMoves) {
  ClusterMap map = FirstMap({.node_count = 6});
  const uint32_t held = ReplicaCounts(map)[2];
  map.nodes[2].weight = 0;

  const Placement placement = *PlanPlacement(map);

  const std::vector<Move> moves = MovesTo(map, placement);
  EXPECT_EQ(moves.size(), held);
  for (const Move& move : moves) EXPECT_EQ(move.from, 2);
  EXPECT_EQ(ReplicaCounts(Applied(map, placement))[2], 0u);
}

TEST(PlanPlacementTest, AReplacementTakesExactlyTheDeadNodesReplicas) {
  ClusterMap map = FirstMap({.node_count = 5});
  const uint32_t held = ReplicaCounts(map)[1];
  AddNode(map);
  map.nodes[1].weight = 0;

  const std::vector<Move> moves = MovesTo(map, *PlanPlacement(map));

  EXPECT_EQ(moves.size(), held);
  for (const Move& move : moves) {
    EXPECT_EQ(move.from, 1);
    EXPECT_EQ(move.to, 5);
  }
}

TEST(PlanPlacementTest, AHeavierNodeGetsMore) {
  ClusterMap map = FirstMap({.node_count = 6});
  map.nodes[0].weight = 200;

  const Placement placement = *PlanPlacement(map);

  // 768 * 2 / 7 = 219.4.
  EXPECT_THAT(ReplicaCounts(Applied(map, placement))[0], testing::AnyOf(219, 220));
  EXPECT_LE(MovesTo(map, placement).size(), 220u - 128);
}

TEST(PlanPlacementTest, AZoneChangeMovesWhatStandsTogetherNow) {
  // Two nodes in each of three zones; one of them turns out to be in another zone.
  ClusterMap map = FirstMap({.node_count = 6, .zone_count = 3});
  map.nodes[0].zone = map.nodes[1].zone;

  const ClusterMap after = Applied(map, *PlanPlacement(map));

  for (const PartitionEntry& entry : after.partitions) {
    std::set<std::string> zones;
    for (const Slot& slot : entry.slots) zones.insert(after.nodes[slot.holder].zone);
    EXPECT_EQ(zones.size(), 3u);
  }
}

TEST(PlanPlacementTest, AReplicaThatStaysKeepsItsSlot) {
  ClusterMap map = FirstMap({.node_count = 6});
  AddNode(map);

  const Placement placement = *PlanPlacement(map);

  for (size_t p = 0; p < placement.size(); ++p) {
    for (size_t slot = 0; slot < 3; ++slot) {
      const NodeIndex before = map.partitions[p].slots[slot].holder;
      const bool stays = std::count(placement[p].begin(), placement[p].end(), before) > 0;
      EXPECT_EQ(placement[p][slot] == before, stays);
    }
  }
}

TEST(PlanPlacementTest, RefusesToPlanDuringAChange) {
  ClusterMap map = FirstMap({.node_count = 4});
  const PartitionEntry entry = map.partitions[9];
  for (NodeIndex joiner = 0; joiner < 4; ++joiner) {
    if (std::any_of(entry.slots.begin(), entry.slots.end(),
                    [&](const Slot& slot) { return slot.Names(joiner); })) {
      continue;
    }
    map.partitions[9].slots[0].joiner = joiner;
  }

  EXPECT_THAT(PlanPlacement(map), StatusIs(absl::StatusCode::kFailedPrecondition,
                                           HasSubstr("a change is under way (partition 9")));
}

TEST(PlanPlacementTest, RefusesToDrainBelowN) {
  ClusterMap map = FirstMap({.node_count = 3});
  map.nodes[0].weight = 0;

  EXPECT_THAT(PlanPlacement(map), StatusIs(absl::StatusCode::kFailedPrecondition,
                                           HasSubstr("2 have a weight above 0")));
}

TEST(PlanPlacementTest, AHundredNodesAreWithinOneOfEachOther) {
  const ClusterMap map = FirstMap({.node_count = 100, .zone_count = 5, .partition_count = 4096});

  const std::vector<uint32_t> counts = ReplicaCounts(map);
  EXPECT_LE(*std::max_element(counts.begin(), counts.end()) -
                *std::min_element(counts.begin(), counts.end()),
            1u);
}

TEST(MovesToTest, ListsWhoGivesWhatToWhom) {
  ClusterMap map = TestMap({.node_count = 4, .partition_count = 2});
  Placement placement = {{0, 1, 2}, {3, 2, 0}};

  EXPECT_THAT(MovesTo(map, placement), ElementsAre(Move{1, 0, 1, 3}, Move{1, 2, 3, 0}));
}

}  // namespace
}  // namespace quorumcache::topology
