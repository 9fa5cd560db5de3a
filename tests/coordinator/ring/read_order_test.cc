// SPDX-License-Identifier: Apache-2.0
#include "coordinator/ring/read_order.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/topology/placement.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/topology/random_cluster.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::ring {
namespace {

using model::Replica;
using testing::ElementsAre;
using topology::ClusterMap;
using topology::NewCluster;
using topology::Next;
using topology::SetSlot;
using topology::Slot;
using topology::TestMap;
using topology::TestNode;

ClusterMap Cluster(const std::vector<uint32_t>& weights, uint32_t zone_count) {
  NewCluster cluster{.cluster_id = "test"};
  for (const uint32_t weight : weights) {
    const auto number = static_cast<uint32_t>(cluster.nodes.size()) + 1;
    cluster.nodes.push_back(TestNode(number));
    cluster.nodes.back().weight = weight;
    cluster.nodes.back().zone = absl::StrCat("z", number % zone_count);
  }
  return *topology::MakeFirstMap(cluster);
}

// How often each node stands at `position`.
std::vector<int> TimesAt(size_t position, const ClusterMap& map, absl::string_view local_zone) {
  ReadOrder read_order(map, local_zone);
  std::vector<int> times(map.nodes.size());
  for (const auto& entry : map.partitions) ++times[read_order.Order(entry)[position].node];
  return times;
}

TEST(ReadOrderTest, NamesEveryReplicaOnceWithItsSlot) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 200; ++round) {
    topology::RandomCluster cluster(random, {.nodes_max = 16, .partitions_log2_max = 6});
    cluster.Apply(*topology::PlanPlacement(cluster.map()));
    const ClusterMap& map = cluster.map();
    ReadOrder read_order(map, random.OneIn(2) ? "z0" : "");
    for (const auto& entry : map.partitions) {
      const auto order = read_order.Order(entry);
      ASSERT_EQ(order.size(), entry.slots.size());
      std::set<uint8_t> slots;
      for (const Replica& replica : order) {
        ASSERT_EQ(entry.slots[replica.slot].holder, replica.node);
        slots.insert(replica.slot);
      }
      ASSERT_EQ(slots.size(), entry.slots.size());
    }
  }
}

TEST(ReadOrderTest, EqualNodesStandFirstEquallyOften) {
  // 256 partitions over 3 and over 8 nodes.
  for (const int times : TimesAt(0, Cluster({100, 100, 100}, 1), "")) EXPECT_NEAR(times, 85.3, 1);
  for (const int times : TimesAt(0, Cluster(std::vector<uint32_t>(8, 100), 1), "")) {
    EXPECT_NEAR(times, 32, 2);
  }
}

TEST(ReadOrderTest, EqualNodesStandSecondEquallyOften) {
  for (const int times : TimesAt(1, Cluster(std::vector<uint32_t>(8, 100), 1), "")) {
    EXPECT_NEAR(times, 32, 3);
  }
}

TEST(ReadOrderTest, HeavierNodesStandFirstMoreOften) {
  // 256 partitions by weight 1 : 1 : 1 : 2.
  const std::vector<int> times = TimesAt(0, Cluster({100, 100, 100, 200}, 1), "");

  EXPECT_NEAR(times[0], 51.2, 2);
  EXPECT_NEAR(times[3], 102.4, 3);
}

TEST(ReadOrderTest, TheLocalZoneComesFirst) {
  const ClusterMap map = Cluster(std::vector<uint32_t>(9, 100), 3);
  ReadOrder read_order(map, "z1");

  for (const auto& entry : map.partitions) {
    // Three zones, three replicas: there is one in each.
    EXPECT_EQ(map.nodes[read_order.Order(entry)[0].node].zone, "z1");
  }
}

TEST(ReadOrderTest, NodesOfTheLocalZoneShareItsReads) {
  const std::vector<int> times = TimesAt(0, Cluster(std::vector<uint32_t>(9, 100), 3), "z1");

  // Node numbers 1, 4 and 7 are in z1.
  for (const size_t node : {0, 3, 6}) EXPECT_NEAR(times[node], 85.3, 1);
}

TEST(ReadOrderTest, AnUnknownZonePrefersNobody) {
  const ClusterMap map = Cluster(std::vector<uint32_t>(8, 100), 3);

  EXPECT_EQ(TimesAt(0, map, "nowhere"), TimesAt(0, map, ""));
}

TEST(ReadOrderTest, NodesWithoutAZoneAreNobodysNeighbours) {
  ClusterMap map = Cluster(std::vector<uint32_t>(4, 100), 3);
  map.nodes[0].zone = "";

  EXPECT_LT(TimesAt(0, map, "")[0], 256);
}

TEST(ReadOrderTest, ADrainingNodeComesLast) {
  ClusterMap map = TestMap({.node_count = 3, .partition_count = 8});
  map.nodes[1].weight = 0;

  EXPECT_THAT(TimesAt(2, map, ""), ElementsAre(0, 8, 0));
}

TEST(ReadOrderTest, MovingAndVacantSlotsComeAfterSettledOnes) {
  ClusterMap map = Next(TestMap({.node_count = 4, .partition_count = 8}));
  SetSlot(map, 0, 0, Slot::Moving(0, 3));
  SetSlot(map, 4, 1, Slot::Vacant(3));

  ReadOrder read_order(map, map.nodes[0].zone);

  // Partition 0: the local zone's node 0 is in the moving slot, so it waits, before its joiner.
  const auto moving = read_order.Order(map.partitions[0]);
  ASSERT_EQ(moving.size(), 4u);
  EXPECT_EQ(moving[2], (Replica{0, 0}));
  EXPECT_EQ(moving[3], (Replica{3, 0, true}));
  const auto vacant = read_order.Order(map.partitions[4]);
  ASSERT_EQ(vacant.size(), 3u);
  EXPECT_EQ(vacant[2], (Replica{3, 1, true}));
}

TEST(ReadOrderTest, HolderComesBeforeJoinerHoweverOftenItStoodThere) {
  ClusterMap map = Next(TestMap({.node_count = 4, .partition_count = 64}));
  for (size_t p = 0; p < 64; p += 4) SetSlot(map, p, 0, Slot::Moving(0, 3));

  ReadOrder read_order(map, "");

  for (size_t p = 0; p < 64; ++p) {
    const auto order = read_order.Order(map.partitions[p]);
    if (order.size() == 3) continue;
    EXPECT_EQ(order[2], (Replica{0, 0}));
    EXPECT_EQ(order[3], (Replica{3, 0, true}));
  }
}

}  // namespace
}  // namespace quorumcache::ring
