// SPDX-License-Identifier: Apache-2.0
#include "coordinator/ring/ring.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/hash/token.h"
#include "common/model/key.h"
#include "common/model/replica_set.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::ring {
namespace {

using model::Replica;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using topology::ClusterMap;
using topology::Next;
using topology::SetSlot;
using topology::Slot;
using topology::TestMap;

TEST(RingTest, AKeyBelongsToThePartitionOfItsToken) {
  const Ring ring(TestMap({.partition_count = 64}));

  for (int i = 0; i < 1000; ++i) {
    const model::Key key{"default", absl::StrCat("user:", i)};
    EXPECT_EQ(ring.PartitionOf(key),
              hash::PartitionOf(hash::TokenOf(key.namespace_name, key.bytes), 64));
  }
}

TEST(RingTest, OnePartitionTakesAllKeys) {
  const Ring ring(TestMap({.node_count = 3, .partition_count = 1}));

  EXPECT_EQ(ring.partition_count(), 1u);
  EXPECT_EQ(ring.PartitionOf({"default", "anything"}), 0u);
}

TEST(RingTest, ReplicaSetSaysWhatTheEntrySays) {
  ClusterMap map = TestMap();
  map.partitions[2].epoch = 4;
  map.partitions[2].ballot_floor_epoch = 3;

  const Ring ring(map);
  const model::ReplicaSet& set = ring.replicas(2);

  EXPECT_EQ(set.partition, 2u);
  EXPECT_EQ(set.epoch, 4u);
  EXPECT_EQ(set.ballot_floor_epoch, 3u);
  EXPECT_EQ(set.slot_count, 3);
  EXPECT_EQ(set.vacant_slots, 0);
  EXPECT_EQ(set.Majority(), 2u);
  EXPECT_THAT(set.replicas, UnorderedElementsAre(Replica{2, 0}, Replica{3, 1}, Replica{0, 2}));
}

TEST(RingTest, AMovingSlotIsInTheSetWithBothNodes) {
  ClusterMap map = Next(TestMap());
  SetSlot(map, 0, 1, Slot::Moving(1, 3));

  const Ring ring(map);
  const model::ReplicaSet& set = ring.replicas(0);

  EXPECT_EQ(set.slot_count, 3);
  EXPECT_EQ(set.vacant_slots, 0);
  EXPECT_THAT(set.replicas, UnorderedElementsAre(Replica{0, 0}, Replica{1, 1}, Replica{3, 1, true},
                                                 Replica{2, 2}));
}

TEST(RingTest, AVacantSlotIsMarkedAndItsJoinerIsInTheSet) {
  ClusterMap map = Next(TestMap());
  SetSlot(map, 0, 1, Slot::Vacant(3));

  const Ring ring(map);
  const model::ReplicaSet& set = ring.replicas(0);

  EXPECT_EQ(set.vacant_slots, 0b010);
  EXPECT_TRUE(set.IsVacant(1));
  EXPECT_EQ(set.Majority(), 2u);
  EXPECT_THAT(set.replicas,
              UnorderedElementsAre(Replica{0, 0}, Replica{3, 1, true}, Replica{2, 2}));
}

TEST(RingTest, StaysAsItWasWhenTheMapChanges) {
  ClusterMap map = TestMap();
  const Ring ring(map);
  const auto before = ring.replicas(0).replicas;

  SetSlot(map, 0, 0, Slot::Settled(3));

  EXPECT_EQ(ring.replicas(0).replicas, before);
}

TEST(RingTest, IsTheSameForEveryCoordinatorOfAZone) {
  const ClusterMap map = TestMap({.node_count = 7, .partition_count = 64});
  const Ring one(map, "z2");
  const Ring other(map, "z2");

  for (uint32_t partition = 0; partition < 64; ++partition) {
    EXPECT_EQ(one.replicas(partition).replicas, other.replicas(partition).replicas);
  }
}

TEST(RingTest, APartitionThatIsNotThereIsABug) {
  const Ring ring(TestMap());

  EXPECT_DEATH(ring.replicas(4), "check failed");
}

}  // namespace
}  // namespace quorumcache::ring
