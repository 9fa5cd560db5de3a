// SPDX-License-Identifier: Apache-2.0
#include "common/topology/placement_flow.h"

#include <algorithm>
#include <set>
#include <vector>

#include "common/base/random.h"
#include "common/topology/fair_share.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/topology/move_oracle.h"
#include "tests/support/seed.h"

namespace quorumcache::topology {
namespace {

using testing::Contains;
using testing::Each;
using testing::SizeIs;

HolderSets Solve(const ShareRequest& request, const HolderSets& old_holders) {
  return SolvePlacement(request, *ComputeFairShares(request), old_holders);
}

int MovesBetween(const HolderSets& before, const HolderSets& after) {
  int moves = 0;
  for (size_t p = 0; p < after.size(); ++p) {
    for (const uint16_t node : after[p]) {
      moves += std::count(before[p].begin(), before[p].end(), node) == 0 ? 1 : 0;
    }
  }
  return moves;
}

std::vector<uint32_t> Counts(const HolderSets& holders, size_t node_count) {
  std::vector<uint32_t> counts(node_count);
  for (const auto& set : holders) {
    for (const uint16_t node : set) ++counts[node];
  }
  return counts;
}

// What every solution must be, whatever it costs.
void ExpectSound(const ShareRequest& request, const HolderSets& holders) {
  const FairShares shares = *ComputeFairShares(request);
  const std::vector<uint32_t> counts = Counts(holders, request.nodes.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    ASSERT_GE(counts[i], shares.nodes[i].min) << "node " << i;
    ASSERT_LE(counts[i], shares.nodes[i].max) << "node " << i;
  }
  std::vector<uint32_t> zone_counts(request.zone_count);
  for (const auto& set : holders) {
    ASSERT_EQ(set.size(), request.replication_factor);
    ASSERT_EQ(std::set<uint16_t>(set.begin(), set.end()).size(), set.size());
    std::vector<uint32_t> in_zone(request.zone_count);
    for (const uint16_t node : set) ++in_zone[request.nodes[node].zone];
    for (uint32_t zone = 0; zone < request.zone_count; ++zone) {
      ASSERT_LE(in_zone[zone], shares.zone_replicas_max[zone]);
      zone_counts[zone] += in_zone[zone];
    }
  }
  for (uint32_t zone = 0; zone < request.zone_count; ++zone) {
    ASSERT_GE(zone_counts[zone], shares.zones[zone].min);
    ASSERT_LE(zone_counts[zone], shares.zones[zone].max);
  }
}

TEST(PlacementFlowTest, AsManyNodesAsReplicasHoldEverything) {
  const ShareRequest request{{{0, 100}, {0, 300}, {0, 7}}, 1, 16, 3};

  EXPECT_THAT(Solve(request, HolderSets(16)), Each(SizeIs(3)));
}

TEST(PlacementFlowTest, ASoundPlacementIsLeftAlone) {
  const ShareRequest request{{{0, 1}, {0, 1}, {1, 1}, {1, 1}}, 2, 4, 2};
  const HolderSets balanced = {{0, 2}, {1, 3}, {3, 0}, {2, 1}};

  EXPECT_EQ(MovesBetween(balanced, Solve(request, balanced)), 0);
}

TEST(PlacementFlowTest, AMissingReplicaIsAllThatIsAdded) {
  const ShareRequest request{{{0, 1}, {0, 1}, {1, 1}, {1, 1}}, 2, 4, 2};
  const HolderSets broken = {{0, 2}, {1}, {3, 0}, {2, 1}};

  const HolderSets mended = Solve(request, broken);

  EXPECT_EQ(MovesBetween(broken, mended), 1);
  EXPECT_THAT(mended[1], Contains(3));
}

TEST(PlacementFlowTest, AReplicaInTheWrongZoneIsAllThatIsMoved) {
  const ShareRequest request{{{0, 1}, {0, 1}, {1, 1}, {1, 1}}, 2, 4, 2};
  // Partitions 0 and 1 have both replicas in one zone each: a swap of two mends both.
  const HolderSets broken = {{0, 1}, {2, 3}, {3, 0}, {2, 1}};

  const HolderSets mended = Solve(request, broken);

  ASSERT_NO_FATAL_FAILURE(ExpectSound(request, mended));
  EXPECT_EQ(MovesBetween(broken, mended), 2);
}

TEST(PlacementFlowTest, AChainOfMovesIsFoundWhereNoSingleMoveHelps) {
  // One replica a zone. Node 4 in zone 2 is new; zone 2's only other node holds what the loaded
  // node 0 of zone 0 holds, so what 0 gives must go by way of others.
  const ShareRequest request{{{0, 1}, {0, 1}, {1, 1}, {2, 1}, {2, 1}}, 3, 8, 2};
  HolderSets holders(8);
  for (auto& set : holders) set = {0, 3};

  const HolderSets solved = Solve(request, holders);

  ASSERT_NO_FATAL_FAILURE(ExpectSound(request, solved));
  const FairShares shares = *ComputeFairShares(request);
  EXPECT_EQ(MovesBetween(holders, solved), MoveOracle(request, shares, holders).MovesMin());
}

TEST(PlacementFlowTest, OddReplicasStayWhereTheyAre) {
  // 16 replicas over three nodes: whoever has six keeps them.
  const ShareRequest request{{{0, 1}, {0, 1}, {0, 1}}, 1, 16, 1};
  for (uint16_t rich = 0; rich < 3; ++rich) {
    HolderSets holders(16);
    for (size_t p = 0; p < 16; ++p) {
      holders[p] = {p < 15 ? static_cast<uint16_t>(p % 3) : rich};
    }
    EXPECT_EQ(MovesBetween(holders, Solve(request, holders)), 0);
  }
}

TEST(PlacementFlowTest, OddReplicasOfZonesStayWhereTheyAre) {
  // Three zones of two nodes; 32 replicas do not divide by three.
  const ShareRequest request{{{0, 1}, {1, 1}, {2, 1}, {0, 1}, {1, 1}, {2, 1}}, 3, 16, 2};
  const HolderSets first = Solve(request, HolderSets(16));
  // The same cluster with its zones in another order.
  ShareRequest turned = request;
  for (WeightedNode& node : turned.nodes) node.zone = 2 - node.zone;

  EXPECT_EQ(MovesBetween(first, Solve(turned, first)), 0);
}

TEST(PlacementFlowTest, IsDeterministic) {
  const ShareRequest request{{{0, 3}, {0, 1}, {1, 4}, {1, 1}, {2, 5}, {2, 9}}, 3, 64, 3};

  EXPECT_EQ(Solve(request, HolderSets(64)), Solve(request, HolderSets(64)));
}

ShareRequest RandomRequest(base::Random& random) {
  ShareRequest request;
  request.replication_factor = 1 + static_cast<uint32_t>(random.Uniform(4));
  request.partition_count = uint32_t{1} << random.Uniform(6);
  request.zone_count = 1 + static_cast<uint32_t>(random.Uniform(5));
  for (uint64_t n = request.replication_factor + random.Uniform(7); n > 0; --n) {
    request.nodes.push_back({static_cast<uint32_t>(random.Uniform(request.zone_count)),
                             static_cast<uint32_t>(1 + random.Uniform(5))});
  }
  return request;
}

// Holders without any rule but those of a map: distinct, at most N; some places are empty.
HolderSets RandomHolders(const ShareRequest& request, base::Random& random) {
  HolderSets holders(request.partition_count);
  for (auto& set : holders) {
    for (uint32_t i = 0; i < request.replication_factor; ++i) {
      const auto node = static_cast<uint16_t>(random.Uniform(request.nodes.size()));
      if (std::count(set.begin(), set.end(), node) == 0) set.push_back(node);
    }
  }
  return holders;
}

TEST(PlacementFlowTest, AnyStateIsMendedAtTheLeastPrice) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    const ShareRequest request = RandomRequest(random);
    const HolderSets holders = RandomHolders(request, random);

    const HolderSets solved = Solve(request, holders);

    ASSERT_NO_FATAL_FAILURE(ExpectSound(request, solved));
    const FairShares shares = *ComputeFairShares(request);
    ASSERT_EQ(MovesBetween(holders, solved), MoveOracle(request, shares, holders).MovesMin());
  }
}

TEST(PlacementFlowTest, TinyClustersOfAllShapesAreSolved) {
  for (uint32_t node_count = 1; node_count <= 6; ++node_count) {
    for (uint32_t replicas = 1; replicas <= node_count; ++replicas) {
      for (uint32_t zone_count = 1; zone_count <= node_count; ++zone_count) {
        for (const uint32_t partition_count : {1u, 2u, 8u}) {
          ShareRequest request{{}, zone_count, partition_count, replicas};
          for (uint32_t i = 0; i < node_count; ++i) request.nodes.push_back({i % zone_count, 100});
          ASSERT_NO_FATAL_FAILURE(
              ExpectSound(request, Solve(request, HolderSets(partition_count))));
        }
      }
    }
  }
}

}  // namespace
}  // namespace quorumcache::topology
