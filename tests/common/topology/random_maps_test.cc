// SPDX-License-Identifier: Apache-2.0
// Random maps, random damage and random steps against Validate, ValidateSuccessor and Diff.
#include <algorithm>
#include <functional>
#include <vector>

#include "common/base/random.h"
#include "common/topology/cluster_map.h"
#include "common/topology/diff.h"
#include "common/topology/placement.h"
#include "common/topology/validate.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/random_cluster.h"

namespace quorumcache::topology {
namespace {

using support::IsOk;

ClusterMap RandomMap(base::Random& random) {
  RandomCluster cluster(random, {.nodes_max = 12, .partitions_log2_max = 5});
  cluster.Apply(*PlanPlacement(cluster.map()));
  ClusterMap map = cluster.map();
  map.epoch = 1 + random.Uniform(1000);
  map.namespaces.push_back({"default", model::Consistency::kQuorum});
  return map;
}

// A node that is not in the entry, or kNoNode.
NodeIndex Stranger(const ClusterMap& map, const PartitionEntry& entry, base::Random& random) {
  std::vector<NodeIndex> strangers;
  for (NodeIndex node = 0; node < map.nodes.size(); ++node) {
    if (std::none_of(entry.slots.begin(), entry.slots.end(),
                     [&](const Slot& slot) { return slot.Names(node); })) {
      strangers.push_back(node);
    }
  }
  return strangers.empty() ? kNoNode : strangers[random.Uniform(strangers.size())];
}

// Takes one step of docs/PROTOCOL.md#topology with one slot; false where it cannot.
bool StepSlot(ClusterMap& map, PartitionEntry& entry, base::Random& random) {
  const auto unsettled = std::find_if(entry.slots.begin(), entry.slots.end(),
                                      [](const Slot& slot) { return !slot.IsSettled(); });
  if (unsettled != entry.slots.end()) {
    const bool abort = unsettled->IsMoving() && random.OneIn(3);
    *unsettled = Slot::Settled(abort ? unsettled->holder : unsettled->joiner);
  } else {
    const NodeIndex joiner = Stranger(map, entry, random);
    if (joiner == kNoNode) return false;
    Slot& slot = entry.slots[random.Uniform(entry.slots.size())];
    slot = random.OneIn(3) ? Slot::Vacant(joiner) : Slot::Moving(slot.holder, joiner);
    entry.ballot_floor_epoch = static_cast<uint32_t>(map.epoch);
  }
  entry.epoch = static_cast<uint32_t>(map.epoch);
  return true;
}

// The next map, as a driver would publish it.
ClusterMap Step(ClusterMap map, base::Random& random) {
  ++map.epoch;
  for (PartitionEntry& entry : map.partitions) {
    if (random.OneIn(3)) StepSlot(map, entry, random);
  }
  if (random.OneIn(3)) map.nodes[random.Uniform(map.nodes.size())].weight = 42;
  return map;
}

TEST(RandomMapsTest, WhatADriverPublishesIsTaken) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 200; ++round) {
    ClusterMap map = RandomMap(random);
    ASSERT_THAT(Validate(map), IsOk());
    for (int step = 0; step < 10; ++step) {
      const ClusterMap next = Step(map, random);
      ASSERT_THAT(Validate(next), IsOk());
      ASSERT_THAT(ValidateSuccessor(map, next), IsOk());
      map = next;
    }
  }
}

TEST(RandomMapsTest, StepsLeftOutAreRefused) {
  base::Random random(support::TestSeed());
  int refused = 0;
  for (int round = 0; round < 200; ++round) {
    const ClusterMap map = RandomMap(random);
    // Two steps under one epoch: {X} -> {Y} without the pair in between.
    ClusterMap next = map;
    ++next.epoch;
    PartitionEntry& entry = next.partitions[random.Uniform(next.partitions.size())];
    if (!StepSlot(next, entry, random)) continue;
    for (Slot& slot : entry.slots) {
      if (!slot.IsSettled()) slot = Slot::Settled(slot.joiner);
    }
    ASSERT_THAT(Validate(next), IsOk());
    ASSERT_FALSE(ValidateSuccessor(map, next).ok());
    ++refused;
  }
  EXPECT_GT(refused, 50);
}

// One way each to make a valid map invalid.
const std::vector<std::function<void(ClusterMap&, base::Random&)>>& Faults() {
  static const auto& faults = *new std::vector<std::function<void(ClusterMap&, base::Random&)>>{
      [](ClusterMap& map, base::Random&) { map.cluster_id.clear(); },
      [](ClusterMap& map, base::Random&) { map.epoch = 0; },
      [](ClusterMap& map, base::Random&) { ++map.replication_factor; },
      [](ClusterMap& map, base::Random&) { map.partitions.push_back(map.partitions[0]); },
      [](ClusterMap& map, base::Random&) { map.nodes.push_back(map.nodes[0]); },
      [](ClusterMap& map, base::Random& random) {
        map.nodes[random.Uniform(map.nodes.size())].address += " ";
      },
      [](ClusterMap& map, base::Random& random) {
        map.nodes[random.Uniform(map.nodes.size())].weight = 10001;
      },
      [](ClusterMap& map, base::Random& random) {
        map.partitions[random.Uniform(map.partitions.size())].epoch =
            static_cast<uint32_t>(map.epoch) + 1;
      },
      [](ClusterMap& map, base::Random& random) {
        PartitionEntry& entry = map.partitions[random.Uniform(map.partitions.size())];
        entry.ballot_floor_epoch = entry.epoch + 1;
      },
      [](ClusterMap& map, base::Random& random) {
        auto& slots = map.partitions[random.Uniform(map.partitions.size())].slots;
        slots[random.Uniform(slots.size())] =
            Slot::Settled(static_cast<NodeIndex>(map.nodes.size()));
      },
      [](ClusterMap& map, base::Random& random) {
        auto& slots = map.partitions[random.Uniform(map.partitions.size())].slots;
        slots[random.Uniform(slots.size())] = Slot{};
      },
      [](ClusterMap& map, base::Random& random) {
        map.partitions[random.Uniform(map.partitions.size())].slots.pop_back();
      },
      [](ClusterMap& map, base::Random&) { map.namespaces.push_back(map.namespaces[0]); },
  };
  return faults;
}

TEST(RandomMapsTest, EveryFaultIsFoundAnywhere) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 100; ++round) {
    const ClusterMap sound = RandomMap(random);
    for (size_t fault = 0; fault < Faults().size(); ++fault) {
      ClusterMap map = sound;
      Faults()[fault](map, random);
      ASSERT_FALSE(Validate(map).ok()) << "fault " << fault << " in round " << round;
    }
  }
}

TEST(RandomMapsTest, DiffCountsWhatThePlannerMoves) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 200; ++round) {
    RandomCluster cluster(random, {.nodes_max = 16, .partitions_log2_max = 6});
    cluster.Apply(*PlanPlacement(cluster.map()));
    const ClusterMap before = cluster.map();
    cluster.Change();
    const Placement placement = *PlanPlacement(cluster.map());
    const size_t moves = MovesTo(cluster.map(), placement).size();
    cluster.Apply(placement);

    const MapDiff diff = Diff(before, cluster.map());

    ASSERT_EQ(diff.ReplicasMoved(), moves);
    const std::vector<uint32_t> counts = ReplicaCounts(cluster.map());
    for (const OwnershipChange& change : diff.ownership) {
      const auto node = cluster.map().FindNode(change.node_id);
      ASSERT_EQ(change.replicas_after, node.has_value() ? counts[*node] : 0u);
    }
  }
}

TEST(RandomMapsTest, DiffBackwardsNamesTheSamePartitions) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 200; ++round) {
    const ClusterMap before = RandomMap(random);
    const ClusterMap after = Step(before, random);

    const MapDiff forwards = Diff(before, after);
    const MapDiff backwards = Diff(after, before);

    ASSERT_EQ(forwards.partitions, backwards.partitions);
    ASSERT_EQ(forwards.fields.size(), backwards.fields.size());
    for (size_t i = 0; i < forwards.fields.size(); ++i) {
      ASSERT_EQ(forwards.fields[i].before, backwards.fields[i].after);
      ASSERT_EQ(forwards.fields[i].after, backwards.fields[i].before);
    }
    for (const uint32_t partition : forwards.partitions) {
      ASSERT_NE(before.partitions[partition], after.partitions[partition]);
    }
  }
}

TEST(RandomMapsTest, RemovingANodeIsInvisibleToTheOthers) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 200; ++round) {
    const ClusterMap before = RandomMap(random);
    ClusterMap after = before;
    ++after.epoch;
    // A node that nobody needs, somewhere in the middle.
    const size_t place = random.Uniform(after.nodes.size() + 1);
    Node spare{.id = "spare", .address = "spare:1", .zone = ""};
    after.nodes.insert(after.nodes.begin() + place, spare);
    for (PartitionEntry& entry : after.partitions) {
      for (Slot& slot : entry.slots) slot.holder += slot.holder >= place ? 1 : 0;
    }

    ASSERT_THAT(ValidateSuccessor(before, after), IsOk());
    ASSERT_TRUE(Diff(before, after).partitions.empty());
    RemoveNode(after, static_cast<NodeIndex>(place));
    after.epoch = before.epoch;
    ASSERT_EQ(after, before);
  }
}

}  // namespace
}  // namespace quorumcache::topology
