// SPDX-License-Identifier: Apache-2.0
// The ring of random maps, slots on the move included, against the maps themselves.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/model/replica_set.h"
#include "common/topology/placement.h"
#include "common/topology/validate.h"
#include "coordinator/ring/ring.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/random_cluster.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::ring {
namespace {

using model::Replica;
using model::ReplicaSet;
using topology::ClusterMap;
using topology::NodeIndex;
using topology::PartitionEntry;
using topology::Slot;

// A random settled map in which then a third of the partitions starts to change.
ClusterMap RandomMap(base::Random& random) {
  topology::RandomCluster cluster(random, {.nodes_max = 16, .partitions_log2_max = 7});
  cluster.Apply(*topology::PlanPlacement(cluster.map()));
  ClusterMap map = topology::Next(cluster.map());
  for (size_t p = 0; p < map.partitions.size(); ++p) {
    const PartitionEntry& entry = map.partitions[p];
    const auto joiner = static_cast<NodeIndex>(random.Uniform(map.nodes.size()));
    const bool known = std::any_of(entry.slots.begin(), entry.slots.end(),
                                   [&](const Slot& slot) { return slot.Names(joiner); });
    if (known || !random.OneIn(3)) continue;
    const size_t slot = random.Uniform(entry.slots.size());
    SetSlot(
        map, p, slot,
        random.OneIn(2) ? Slot::Vacant(joiner) : Slot::Moving(entry.slots[slot].holder, joiner));
  }
  return map;
}

// 0: settled, 1: moving, 2: vacant.
int Unreadiness(const Slot& slot) {
  return slot.IsVacant() ? 2 : slot.IsMoving() ? 1 : 0;
}

void ExpectSameReplicas(const PartitionEntry& entry, const ReplicaSet& set) {
  std::set<std::pair<NodeIndex, uint8_t>> expected;
  for (size_t i = 0; i < entry.slots.size(); ++i) {
    for (const NodeIndex node : entry.slots[i].Nodes()) {
      expected.emplace(node, static_cast<uint8_t>(i));
    }
    ASSERT_EQ(set.IsVacant(static_cast<uint8_t>(i)), entry.slots[i].IsVacant());
  }
  std::set<std::pair<NodeIndex, uint8_t>> seen;
  for (const Replica& replica : set.replicas) seen.emplace(replica.node, replica.slot);
  ASSERT_EQ(seen, expected);
  ASSERT_EQ(set.replicas.size(), expected.size());
  ASSERT_EQ(set.slot_count, entry.slots.size());
  ASSERT_EQ(set.epoch, entry.epoch);
  ASSERT_EQ(set.ballot_floor_epoch, entry.ballot_floor_epoch);
}

void ExpectReadyAndLocalFirst(const ClusterMap& map, const PartitionEntry& entry,
                              const ReplicaSet& set, const std::string& zone) {
  for (size_t i = 1; i < set.replicas.size(); ++i) {
    const Replica& better = set.replicas[i - 1];
    const Replica& worse = set.replicas[i];
    const int better_rank = Unreadiness(entry.slots[better.slot]);
    const int worse_rank = Unreadiness(entry.slots[worse.slot]);
    ASSERT_LE(better_rank, worse_rank);
    if (worse_rank != 0) continue;
    ASSERT_TRUE(map.nodes[better.node].zone == zone || map.nodes[worse.node].zone != zone);
  }
}

TEST(RingPropertyTest, EveryReplicaSetSaysWhatTheMapSays) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(round);
    const ClusterMap map = RandomMap(random);
    ASSERT_THAT(topology::Validate(map), support::IsOk());
    const Ring ring(map, random.OneIn(2) ? "z0" : "");

    ASSERT_EQ(ring.partition_count(), map.partitions.size());
    for (uint32_t p = 0; p < ring.partition_count(); ++p) {
      ASSERT_EQ(ring.replicas(p).partition, p);
      ASSERT_NO_FATAL_FAILURE(ExpectSameReplicas(map.partitions[p], ring.replicas(p)));
    }
  }
}

TEST(RingPropertyTest, ReadyAndLocalReplicasComeFirst) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(round);
    const ClusterMap map = RandomMap(random);
    const std::string zone = map.nodes[random.Uniform(map.nodes.size())].zone;
    const Ring ring(map, zone);

    for (uint32_t p = 0; p < ring.partition_count(); ++p) {
      ASSERT_NO_FATAL_FAILURE(
          ExpectReadyAndLocalFirst(map, map.partitions[p], ring.replicas(p), zone));
    }
  }
}

TEST(RingPropertyTest, ReadsOfEqualNodesAreSpreadEvenly) {
  for (uint32_t node_count = 3; node_count <= 22; ++node_count) {
    SCOPED_TRACE(node_count);
    topology::NewCluster cluster{.cluster_id = "test"};
    for (uint32_t number = 1; number <= node_count; ++number) {
      cluster.nodes.push_back(topology::TestNode(number));
      cluster.nodes.back().zone = "";
    }
    const ClusterMap map = *topology::MakeFirstMap(cluster);
    const Ring ring(map);

    std::vector<int> first(map.nodes.size());
    for (uint32_t p = 0; p < ring.partition_count(); ++p)
      ++first[ring.replicas(p).replicas[0].node];
    const double fair = 256.0 / static_cast<double>(map.nodes.size());
    for (const int times : first) ASSERT_LE(std::abs(times - fair), 3.0);
  }
}

}  // namespace
}  // namespace quorumcache::ring
