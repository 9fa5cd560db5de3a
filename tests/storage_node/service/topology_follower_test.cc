// SPDX-License-Identifier: Apache-2.0
// What a map means to a node (replica::AssignmentsOf, CheckMembership), and NodeStatus, which shows
// it.
#include "storage_node/service/topology_follower.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::node_service {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using topology::MemoryStore;
using topology::SmallMap;

Identity SelfOf(const topology::ClusterMap& map) {
  return Identity{.cluster_id = map.cluster_id, .node_id = "n1", .incarnation = 7};
}

topology::ClusterMap BoundMap() {
  topology::ClusterMap map = SmallMap(4);
  map.nodes[0].incarnation = 7;
  return map;
}

replica::Self RefTo(const Identity& identity) {
  return {.id = identity.node_id, .incarnation = identity.incarnation};
}

TEST(AssignmentsTest, ExactlyThePartitionsThatNameTheNodeAreHeld) {
  const topology::ClusterMap map = BoundMap();

  const auto assignments = replica::AssignmentsOf(map, RefTo(SelfOf(map)));

  ASSERT_EQ(assignments.size(), map.partitions.size());
  uint32_t held = 0;
  for (const auto& assignment : assignments) held += assignment.is_held;
  EXPECT_EQ(held, topology::ReplicaCounts(map)[0]);
  EXPECT_EQ(assignments[3].partition, 3u);
  EXPECT_EQ(assignments[3].epoch, map.partitions[3].epoch);
}

TEST(AssignmentsTest, BothNodesOfAMovingSlotHoldThePartition) {
  topology::ClusterMap map = BoundMap();
  map.partitions[5].slots[0] = topology::Slot::Moving(1, 0);
  map.partitions[5].slots[1] = topology::Slot::Settled(2);
  map.partitions[5].slots[2] = topology::Slot::Settled(3);

  const auto assignment = replica::AssignmentsOf(map, RefTo(SelfOf(map)))[5];
  EXPECT_TRUE(assignment.is_held);
  EXPECT_TRUE(assignment.is_joiner);
}

TEST(AssignmentsTest, AnotherIncarnationHoldsNothing) {
  topology::ClusterMap map = BoundMap();
  map.nodes[0].incarnation = 8;

  for (const auto& assignment : replica::AssignmentsOf(map, RefTo(SelfOf(map))))
    EXPECT_FALSE(assignment.is_held);
  EXPECT_THAT(CheckMembership(map, SelfOf(map)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another data directory")));
}

TEST(AssignmentsTest, ANodeThatWasRemovedHoldsNothing) {
  const topology::ClusterMap map = BoundMap();
  Identity gone = SelfOf(map);
  gone.node_id = "n9";

  for (const auto& assignment : replica::AssignmentsOf(map, RefTo(gone)))
    EXPECT_FALSE(assignment.is_held);
  EXPECT_THAT(CheckMembership(map, SelfOf(map)), IsOk());
  EXPECT_THAT(CheckMembership(map, gone),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("waiting: node n9 is not in the map")));
}

TEST(NodeStatusTest, ReadyWithAMapUntilFencedOrStopping) {
  std::vector<bool> changes;
  NodeStatus status([&](bool ready) { changes.push_back(ready); });

  EXPECT_FALSE(status.IsReady());
  status.SetTopology(absl::OkStatus());
  status.SetDisk(absl::ResourceExhaustedError("no space"), /*is_fenced=*/false);
  EXPECT_TRUE(status.IsReady()) << "reads go on";
  EXPECT_TRUE(status.IsReadOnly());
  status.SetDisk(absl::OkStatus(), false);
  EXPECT_FALSE(status.IsReadOnly());
  status.SetDisk(absl::InternalError("fsync failed"), /*is_fenced=*/true);
  EXPECT_FALSE(status.IsReady());
  status.SetStopping();

  EXPECT_THAT(changes, ElementsAre(true, false));
  EXPECT_THAT(status.Describe(), ElementsAre("stopping", HasSubstr("fsync failed")));
}

}  // namespace
}  // namespace quorumcache::node_service
