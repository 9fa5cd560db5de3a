// SPDX-License-Identifier: Apache-2.0
#include "common/topology/validate.h"

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
using testing::HasSubstr;

using Texts = std::vector<std::string>;

auto InvalidBecause(const std::string& text) {
  return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
}

TEST(ValidateTest, TakesASoundMap) {
  EXPECT_THAT(Validate(TestMap()), IsOk());
  EXPECT_THAT(Validate(TestMap({.node_count = 1, .partition_count = 1, .replication_factor = 1})),
              IsOk());
  EXPECT_THAT(
      Validate(TestMap({.node_count = 7, .partition_count = 16384, .replication_factor = 7})),
      IsOk());
}

TEST(ValidateTest, RefusesBadClusterIds) {
  for (const std::string& id : Texts{"", "a b", "-a", "a/b"}) {
    ClusterMap map = TestMap();
    map.cluster_id = id;
    EXPECT_THAT(Validate(map), InvalidBecause("cluster_id")) << id;
  }
}

TEST(ValidateTest, RefusesEpochsThatBallotsCannotCarry) {
  ClusterMap map = TestMap();
  map.epoch = 0;
  EXPECT_THAT(Validate(map), InvalidBecause("epoch: is 0"));
  map.epoch = uint64_t{1} << 32;
  EXPECT_THAT(Validate(map), InvalidBecause("epoch: is 4294967296"));
}

TEST(ValidateTest, RefusesReplicationFactorsOutOfRange) {
  ClusterMap map = TestMap({.node_count = 9});
  map.replication_factor = 0;
  EXPECT_THAT(Validate(map), InvalidBecause("must be 1 to 7"));
  map.replication_factor = 8;
  EXPECT_THAT(Validate(map), InvalidBecause("must be 1 to 7"));
}

TEST(ValidateTest, RefusesFewerNodesThanReplicas) {
  ClusterMap map = TestMap();
  map.nodes.resize(2);
  EXPECT_THAT(Validate(map), InvalidBecause("is 3, but only 2 nodes"));
}

TEST(ValidateTest, RefusesPartitionCountsThatAreNoPowerOfTwo) {
  ClusterMap map = TestMap();
  map.partitions.pop_back();
  EXPECT_THAT(Validate(map), InvalidBecause("partitions: there are 3"));
  map.partitions.clear();
  EXPECT_THAT(Validate(map), InvalidBecause("partitions: there are 0"));
  EXPECT_THAT(Validate(TestMap({.partition_count = 32768})), InvalidBecause("up to 16384"));
}

TEST(ValidateTest, RefusesTwoNodesWithOneId) {
  ClusterMap map = TestMap();
  map.nodes[3].id = "n1";
  EXPECT_THAT(Validate(map), InvalidBecause("node n1: two nodes have this id"));
}

TEST(ValidateTest, RefusesTwoNodesAtOneAddress) {
  ClusterMap map = TestMap();
  map.nodes[3].address = map.nodes[0].address;
  EXPECT_THAT(Validate(map), InvalidBecause("node n4: another node has the address"));
}

TEST(ValidateTest, RefusesTooManyNodes) {
  EXPECT_THAT(Validate(TestMap({.node_count = 1025})), InvalidBecause("there are 1025"));
}

TEST(ValidateTest, RefusesTooLargeWeightsAndTakesZero) {
  ClusterMap map = TestMap();
  map.nodes[0].weight = 0;
  EXPECT_THAT(Validate(map), IsOk());
  map.nodes[0].weight = 10001;
  EXPECT_THAT(Validate(map), InvalidBecause("weight is 10001, at most 10000"));
}

TEST(ValidateTest, TakesOrdinaryNodeIdsOnly) {
  for (const std::string& id : Texts{"n1", "N-1", "cache.eu_1", "7", std::string(64, 'a')}) {
    EXPECT_THAT(ValidateNodeId(id), IsOk()) << id;
  }
  for (const std::string& id : Texts{"", ".n", "_n", "-n", "a b", "a\n", "a:b", "\xC3\xA9",
                                     std::string(65, 'a'), std::string("a\0b", 3)}) {
    EXPECT_THAT(ValidateNodeId(id), InvalidBecause("node id")) << id;
  }
}

TEST(ValidateTest, TakesHostAndPortOnly) {
  for (const std::string& address : Texts{"127.0.0.1:7400", "cache-1.example:1", "[::1]:65535"}) {
    EXPECT_THAT(ValidateAddress(address), IsOk()) << address;
  }
  for (const std::string& address :
       Texts{"", ":", "host", "host:", ":7400", "host:0", "host:65536", "host:+1", "host: 1",
             "host:1 ", "ho st:1", "::1:7400", "http://host:1", "[]:1", "[::1]", "host:1x",
             "host:123456", std::string(300, 'a') + ":1"}) {
    EXPECT_THAT(ValidateAddress(address), InvalidBecause("is not host:port")) << address;
  }
}

TEST(ValidateTest, TakesEmptyAndOrdinaryZonesOnly) {
  EXPECT_THAT(ValidateZone(""), IsOk());
  EXPECT_THAT(ValidateZone("eu-west.1a"), IsOk());
  EXPECT_THAT(ValidateZone("eu west"), InvalidBecause("zone"));
  EXPECT_THAT(ValidateZone(std::string(65, 'z')), InvalidBecause("zone"));
}

TEST(ValidateTest, ChecksEveryNodeOfTheMap) {
  ClusterMap map = TestMap();
  map.nodes[2].address = "nowhere";
  EXPECT_THAT(Validate(map), InvalidBecause("\"nowhere\" is not host:port"));
  map = TestMap();
  map.nodes[2].zone = "a b";
  EXPECT_THAT(Validate(map), InvalidBecause("zone"));
}

TEST(ValidateTest, RefusesBadNamespaces) {
  ClusterMap map = TestMap();
  map.namespaces.push_back({"Orders", model::Consistency::kQuorum});
  EXPECT_THAT(Validate(map), InvalidBecause("namespace \"Orders\""));

  map = TestMap();
  map.namespaces.push_back(map.namespaces[0]);
  EXPECT_THAT(Validate(map), InvalidBecause("namespace default: it is there twice"));

  map = TestMap();
  map.namespaces[0].default_consistency = model::Consistency::kUnspecified;
  EXPECT_THAT(Validate(map), InvalidBecause("must be ONE, QUORUM or ALL"));

  map.namespaces[0].default_consistency = static_cast<model::Consistency>(9);
  EXPECT_THAT(Validate(map), InvalidBecause("must be ONE, QUORUM or ALL"));
}

TEST(ValidateTest, RefusesTooManyNamespaces) {
  ClusterMap map = TestMap();
  for (int i = 0; i < 256; ++i) {
    map.namespaces.push_back({absl::StrCat("ns", i), model::Consistency::kQuorum});
  }
  EXPECT_THAT(Validate(map), InvalidBecause("there are 257"));
}

TEST(ValidateTest, RefusesEntryEpochsAboveTheMaps) {
  ClusterMap map = TestMap();
  map.partitions[2].epoch = 6;
  EXPECT_THAT(Validate(map),
              InvalidBecause("partition 2: its epoch is 6, must be 1 to the map's 5"));
  map.partitions[2].epoch = 0;
  EXPECT_THAT(Validate(map), InvalidBecause("partition 2: its epoch is 0"));
}

TEST(ValidateTest, RefusesFloorsAboveTheEntrysEpoch) {
  ClusterMap map = TestMap();
  map.partitions[1].ballot_floor_epoch = 2;
  EXPECT_THAT(Validate(map), InvalidBecause("partition 1: its ballot_floor_epoch 2"));
}

TEST(ValidateTest, RefusesAWrongNumberOfSlots) {
  ClusterMap map = TestMap();
  map.partitions[0].slots.pop_back();
  EXPECT_THAT(Validate(map),
              InvalidBecause("partition 0: it has 2 slots, the replication factor is 3"));
}

TEST(ValidateTest, RefusesSlotsThatNameNobodyOrStrangers) {
  ClusterMap map = TestMap();
  map.partitions[0].slots[1] = Slot{};
  EXPECT_THAT(Validate(map), InvalidBecause("a slot names no node"));
  map.partitions[0].slots[1] = Slot::Settled(4);
  EXPECT_THAT(Validate(map), InvalidBecause("not in the map"));
  map.partitions[0].slots[1] = Slot::Moving(1, 4);
  EXPECT_THAT(Validate(map), InvalidBecause("not in the map"));
}

TEST(ValidateTest, RefusesANodeTwiceInOnePartition) {
  ClusterMap map = TestMap();
  map.partitions[0].slots[1] = Slot::Settled(0);
  EXPECT_THAT(Validate(map), InvalidBecause("node number 0 is in it twice"));

  map = TestMap();
  map.partitions[0].slots[0] = Slot::Moving(0, 1);
  EXPECT_THAT(Validate(map), InvalidBecause("node number 1 is in it twice"));

  map = TestMap();
  map.partitions[0].slots[0] = Slot::Moving(0, 0);
  EXPECT_THAT(Validate(map), InvalidBecause("node number 0 is in it twice"));
}

TEST(ValidateTest, RefusesTwoSlotsOfOnePartitionOnTheMove) {
  ClusterMap map = TestMap({.node_count = 6});
  map.partitions[0].slots[0] = Slot::Moving(0, 4);
  EXPECT_THAT(Validate(map), IsOk());

  map.partitions[0].slots[1] = Slot::Vacant(5);
  EXPECT_THAT(Validate(map), InvalidBecause("more than one of its slots"));
}

// A change with a move that has not begun, one that is under way and one from a dead node.
ClusterMap MapWithChange() {
  ClusterMap map = Next(TestMap({.node_count = 6}));
  SetSlot(map, 0, 0, Slot::Moving(0, 5));
  SetSlot(map, 1, 2, Slot::Vacant(4));
  map.change =
      Change{.id = 5,
             .summary = "test",
             .moves_total = 4,
             .moves = {{.partition = 0, .slot = 0, .from = 0, .to = 5},
                       {.partition = 0, .slot = 1, .from = 1, .to = 4},
                       {.partition = 1, .slot = 2, .from = 3, .to = 4, .from_is_dead = true}},
             .removes = {3},
             .weights_on_abort = {{0, 100}}};
  return map;
}

TEST(ValidateTest, TakesAChangeUnderWay) {
  EXPECT_THAT(Validate(MapWithChange()), IsOk());
}

TEST(ValidateTest, RefusesMovesThatTheSlotsDoNotShow) {
  ClusterMap map = MapWithChange();
  map.change->moves[0].to = 4;
  EXPECT_THAT(Validate(map), InvalidBecause("not on its way from n1 to n5"));
  map = MapWithChange();
  map.change->moves[2].from_is_dead = false;
  EXPECT_THAT(Validate(map), InvalidBecause("change: move of partition 1"));
  map = MapWithChange();
  map.change->moves[1].from = 2;
  EXPECT_THAT(Validate(map), InvalidBecause("not on its way"));
}

TEST(ValidateTest, RefusesMovesOfNothing) {
  for (const auto& spoil :
       {+[](PlannedMove& move) { move.partition = 4; }, +[](PlannedMove& move) { move.slot = 3; },
        +[](PlannedMove& move) { move.from = 6; }, +[](PlannedMove& move) { move.to = 6; },
        +[](PlannedMove& move) { move.to = move.from; }}) {
    ClusterMap map = MapWithChange();
    spoil(map.change->moves[1]);
    EXPECT_THAT(Validate(map), InvalidBecause("change: move of partition"));
  }
}

TEST(ValidateTest, RefusesASlotUnderWayThatNoMoveLists) {
  ClusterMap map = MapWithChange();
  map.change->moves.erase(map.change->moves.begin());
  EXPECT_THAT(Validate(map), InvalidBecause("slot 0 of partition 0 is under way"));
}

TEST(ValidateTest, RefusesAChangeThatCannotBe) {
  ClusterMap map = MapWithChange();
  map.change->moves_total = 2;
  EXPECT_THAT(Validate(map), InvalidBecause("3 moves of 2"));
  map = MapWithChange();
  map.change->moves[1] = map.change->moves[0];
  EXPECT_THAT(Validate(map), InvalidBecause("moves twice"));
  map = MapWithChange();
  map.change->removes = {6};
  EXPECT_THAT(Validate(map), InvalidBecause("removes a node"));
  map = MapWithChange();
  map.change->weights_on_abort = {{6, 100}};
  EXPECT_THAT(Validate(map), InvalidBecause("weight"));
}

TEST(ValidateTest, SaysWhereTheFaultIs) {
  ClusterMap map = TestMap();
  map.partitions[3].slots[0] = Slot{};
  EXPECT_THAT(Validate(map), InvalidBecause("cluster map: partition 3: "));
}

}  // namespace
}  // namespace quorumcache::topology
