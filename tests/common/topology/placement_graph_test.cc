// SPDX-License-Identifier: Apache-2.0
#include "common/topology/placement_graph.h"

#include <optional>
#include <set>
#include <vector>

#include "common/base/random.h"
#include "common/topology/fair_share.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Vertex = PlacementGraph::Vertex;

// Vertices as the header numbers them: root, zones, nodes, partitions, cells.
struct Numbering {
  explicit Numbering(const ShareRequest& request)
      : zone_count(request.zone_count),
        node_count(static_cast<uint32_t>(request.nodes.size())),
        partition_count(request.partition_count) {}
  Vertex Zone(uint32_t zone) const { return 1 + zone; }
  Vertex Node(uint32_t node) const { return 1 + zone_count + node; }
  Vertex Partition(uint32_t p) const { return 1 + zone_count + node_count + p; }
  Vertex Cell(uint32_t zone, uint32_t p) const {
    return Partition(partition_count) + p * zone_count + zone;
  }
  const uint32_t zone_count;
  const uint32_t node_count;
  const uint32_t partition_count;
};

std::vector<Vertex> Targets(const PlacementGraph& graph, Vertex from) {
  std::vector<Vertex> targets;
  for (uint32_t i = 0; i < graph.ArcCount(from); ++i) {
    const auto arc = graph.ArcAt(from, i);
    if (arc.has_value()) targets.push_back(arc->to);
  }
  return targets;
}

// Price of the arc, or nothing where there is none.
std::optional<int> Cost(const PlacementGraph& graph, Vertex from, Vertex to) {
  for (uint32_t i = 0; i < graph.ArcCount(from); ++i) {
    const auto arc = graph.ArcAt(from, i);
    if (arc.has_value() && arc->to == to) return arc->cost;
  }
  return std::nullopt;
}

// Two zones with two nodes each (0, 1 and 2, 3), four partitions, two replicas: two partitions a
// node.
class PlacementGraphTest : public testing::Test {
 protected:
  const ShareRequest request_{{{0, 100}, {0, 100}, {1, 100}, {1, 100}}, 2, 4, 2};
  const FairShares shares_ = *ComputeFairShares(request_);
  const Numbering at_{request_};
};

TEST_F(PlacementGraphTest, FromNothingNodesHaveTheirShareToGiveAndPartitionsWait) {
  const HolderSets none(4);
  const PlacementGraph graph(request_, shares_, none);

  for (uint32_t node = 0; node < 4; ++node) EXPECT_EQ(graph.Excess(at_.Node(node)), 2);
  for (uint32_t p = 0; p < 4; ++p) EXPECT_EQ(graph.Excess(at_.Partition(p)), -2);
  EXPECT_EQ(graph.first_partition(), at_.Partition(0));
  EXPECT_EQ(graph.vertex_count(), at_.Cell(0, 4));
}

TEST_F(PlacementGraphTest, ABalancedPlacementHasNoExcess) {
  const HolderSets balanced = {{0, 2}, {1, 3}, {0, 3}, {1, 2}};
  const PlacementGraph graph(request_, shares_, balanced);

  for (Vertex v = 0; v < graph.vertex_count(); ++v) EXPECT_EQ(graph.Excess(v), 0) << v;
}

TEST_F(PlacementGraphTest, WhatANodeHasTooMuchShowsAsAWant) {
  const HolderSets uneven = {{0, 2}, {0, 3}, {0, 3}, {1, 2}};
  const PlacementGraph graph(request_, shares_, uneven);

  EXPECT_EQ(graph.Excess(at_.Node(0)), -1);
  EXPECT_EQ(graph.Excess(at_.Node(1)), 1);
}

TEST_F(PlacementGraphTest, WhatAZoneHasTooMuchOfAPartitionStaysInTheCell) {
  // Partition 0 is in zone 0 twice.
  const HolderSets doubled = {{0, 1}, {1, 3}, {0, 3}, {2, 3}};
  const PlacementGraph graph(request_, shares_, doubled);

  EXPECT_EQ(graph.Excess(at_.Cell(0, 0)), 1);
  EXPECT_EQ(graph.Excess(at_.Cell(1, 0)), 0);
  EXPECT_EQ(graph.Excess(at_.Partition(0)), -1);
}

TEST_F(PlacementGraphTest, ANodeOffersItselfToThePartitionsItDoesNotHold) {
  const HolderSets holders = {{0, 2}, {1, 3}, {0, 3}, {1, 2}};
  const PlacementGraph graph(request_, shares_, holders);

  EXPECT_THAT(Targets(graph, at_.Node(0)), UnorderedElementsAre(at_.Cell(0, 1), at_.Cell(0, 3)));
  EXPECT_EQ(Cost(graph, at_.Node(0), at_.Cell(0, 1)), 1);
}

TEST_F(PlacementGraphTest, EveryNodeGoesThroughAllPartitionsInAnOrderOfItsOwn) {
  const ShareRequest request{std::vector<WeightedNode>(8, {0, 100}), 1, 64, 1};
  const FairShares shares = *ComputeFairShares(request);
  const HolderSets none(64);
  const PlacementGraph graph(request, shares, none);
  const Numbering at(request);

  std::set<std::vector<Vertex>> orders;
  for (uint32_t node = 0; node < 8; ++node) {
    const std::vector<Vertex> order = Targets(graph, at.Node(node));
    EXPECT_EQ(std::set<Vertex>(order.begin(), order.end()).size(), 64u);
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 8u);
}

TEST_F(PlacementGraphTest, AFullCellPassesOnlyToItsHolders) {
  const HolderSets holders = {{0, 2}, {1, 3}, {0, 3}, {1, 2}};
  const PlacementGraph graph(request_, shares_, holders);

  EXPECT_THAT(Targets(graph, at_.Cell(0, 0)), ElementsAre(at_.Node(0)));
  EXPECT_EQ(Cost(graph, at_.Cell(0, 0), at_.Node(0)), 0);
  EXPECT_THAT(Targets(graph, at_.Partition(0)),
              UnorderedElementsAre(at_.Cell(0, 0), at_.Cell(1, 0)));
}

TEST_F(PlacementGraphTest, AnEmptyCellPassesOnlyToItsPartition) {
  const HolderSets none(4);
  const PlacementGraph graph(request_, shares_, none);

  EXPECT_THAT(Targets(graph, at_.Cell(1, 2)), ElementsAre(at_.Partition(2)));
  EXPECT_THAT(Targets(graph, at_.Partition(2)), IsEmpty());
}

TEST_F(PlacementGraphTest, ExactSharesCannotBeExchanged) {
  const HolderSets none(4);
  const PlacementGraph graph(request_, shares_, none);

  EXPECT_THAT(Targets(graph, 0), IsEmpty());
  EXPECT_THAT(Targets(graph, at_.Zone(0)), IsEmpty());
}

TEST_F(PlacementGraphTest, SharesThatDoNotDivideCanBeExchanged) {
  // 16 replicas over three nodes: 5, 5 and 6.
  const ShareRequest request{{{0, 1}, {0, 1}, {0, 1}}, 1, 16, 1};
  const FairShares shares = *ComputeFairShares(request);
  const HolderSets none(16);
  PlacementGraph graph(request, shares, none);
  const Numbering at(request);

  // The first has been given 6: it can give one back to the zone, which can pass it to another.
  EXPECT_EQ(graph.Excess(at.Node(0)), 6);
  EXPECT_EQ(Cost(graph, at.Node(0), at.Zone(0)), 0);
  EXPECT_EQ(Cost(graph, at.Zone(0), at.Node(2)), 0);
  EXPECT_EQ(Cost(graph, at.Node(2), at.Zone(0)), std::nullopt);
  graph.Push(at.Node(0), at.Zone(0));
  graph.Push(at.Zone(0), at.Node(2));
  EXPECT_EQ(graph.Excess(at.Node(0)), 5);
  EXPECT_EQ(graph.Excess(at.Node(2)), 6);
}

TEST_F(PlacementGraphTest, NodesThatHoldMoreKeepTheOddReplica) {
  const ShareRequest request{{{0, 1}, {0, 1}, {0, 1}}, 1, 16, 1};
  const FairShares shares = *ComputeFairShares(request);
  HolderSets holders(16);
  for (size_t p = 0; p < 16; ++p) holders[p] = {static_cast<uint16_t>(p < 10 ? p % 2 : 2)};
  const PlacementGraph graph(request, shares, holders);
  const Numbering at(request);

  for (uint32_t node = 0; node < 3; ++node) EXPECT_EQ(graph.Excess(at.Node(node)), 0);
}

TEST_F(PlacementGraphTest, PushingAReplicaInMakesItAHolder) {
  const HolderSets none(4);
  PlacementGraph graph(request_, shares_, none);

  graph.Push(at_.Node(1), at_.Cell(0, 3));
  EXPECT_EQ(graph.Excess(at_.Node(1)), 1);
  EXPECT_EQ(graph.Excess(at_.Cell(0, 3)), 1);
  graph.Push(at_.Cell(0, 3), at_.Partition(3));
  EXPECT_EQ(graph.Excess(at_.Cell(0, 3)), 0);
  EXPECT_EQ(graph.Excess(at_.Partition(3)), -1);

  EXPECT_THAT(graph.holders()[3], ElementsAre(1));
  // Taking it back refunds the price.
  EXPECT_EQ(Cost(graph, at_.Cell(0, 3), at_.Node(1)), -1);
}

TEST_F(PlacementGraphTest, PushingAReplicaOutAndInAgainIsFree) {
  const HolderSets holders = {{0, 2}, {1, 3}, {0, 3}, {1, 2}};
  PlacementGraph graph(request_, shares_, holders);

  graph.Push(at_.Partition(0), at_.Cell(0, 0));
  graph.Push(at_.Cell(0, 0), at_.Node(0));
  EXPECT_THAT(graph.holders()[0], ElementsAre(2));
  EXPECT_EQ(graph.Excess(at_.Node(0)), 1);
  EXPECT_EQ(graph.Excess(at_.Partition(0)), -1);

  EXPECT_EQ(Cost(graph, at_.Node(0), at_.Cell(0, 0)), 0);
}

TEST_F(PlacementGraphTest, PushingAHolderInAgainIsABug) {
  const HolderSets holders = {{0, 2}, {1, 3}, {0, 3}, {1, 2}};
  PlacementGraph graph(request_, shares_, holders);

  EXPECT_DEATH(graph.Push(at_.Node(0), at_.Cell(0, 0)), "check failed");
  EXPECT_DEATH(graph.Push(at_.Cell(0, 0), at_.Node(1)), "check failed");
}

TEST_F(PlacementGraphTest, TooManyHoldersAreABug) {
  const HolderSets three = {{0, 1, 2}, {1, 3}, {0, 3}, {1, 2}};
  EXPECT_DEATH(PlacementGraph(request_, shares_, three), "check failed");
  const HolderSets wrong_count(3);
  EXPECT_DEATH(PlacementGraph(request_, shares_, wrong_count), "check failed");
}

TEST_F(PlacementGraphTest, NothingIsLostOnRandomWalks) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 100; ++round) {
    const HolderSets holders = {{0, 1}, {1, 3}, {0, 3}, {2}};
    PlacementGraph graph(request_, shares_, holders);
    for (int step = 0; step < 200; ++step) {
      const auto from = static_cast<Vertex>(random.Uniform(graph.vertex_count()));
      if (graph.ArcCount(from) == 0) continue;
      const auto arc =
          graph.ArcAt(from, static_cast<uint32_t>(random.Uniform(graph.ArcCount(from))));
      if (!arc.has_value()) continue;
      const int excess_from = graph.Excess(from);
      const int excess_to = graph.Excess(arc->to);
      graph.Push(from, arc->to);
      // Root and zones pass on at once what they get, on paper: their excess is not kept.
      ASSERT_TRUE(from <= 2 || graph.Excess(from) == excess_from - 1);
      ASSERT_TRUE(arc->to <= 2 || graph.Excess(arc->to) == excess_to + 1);
    }
    for (const auto& set : graph.holders()) {
      ASSERT_EQ(std::set<uint16_t>(set.begin(), set.end()).size(), set.size());
    }
  }
}

}  // namespace
}  // namespace quorumcache::topology
