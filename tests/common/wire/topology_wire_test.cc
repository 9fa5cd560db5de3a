// SPDX-License-Identifier: Apache-2.0
#include "common/wire/topology_wire.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/random.h"
#include "common/topology/cluster_map.h"
#include "common/topology/placement.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/random_cluster.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::wire {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::Next;
using topology::SetSlot;
using topology::Slot;
using topology::TestMap;

auto InvalidBecause(const std::string& text) {
  return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
}

// Every kind of slot, every field other than its default somewhere.
ClusterMap ColourfulMap() {
  ClusterMap map = Next(TestMap({.node_count = 6}));
  SetSlot(map, 0, 0, Slot::Moving(0, 5));
  SetSlot(map, 1, 2, Slot::Vacant(4));
  map.nodes[0].weight = 0;
  map.nodes[1].zone = "";
  map.nodes[2].incarnation = 0xFFFFFFFFFFFFFFFFull;
  map.nodes[3].incarnation = 0;
  map.namespaces.push_back({"one", model::Consistency::kOne});
  map.namespaces.push_back({"all", model::Consistency::kAll});
  map.change = topology::Change{
      .id = 4,
      .summary = "replace n4 with n5, add n6",
      .moves_total = 7,
      .moves = {{.partition = 0, .slot = 0, .from = 0, .to = 5},
                {.partition = 1, .slot = 2, .from = 3, .to = 4, .from_is_dead = true}},
      .removes = {3},
      .weights_on_abort = {{0, 100}, {5, 0}}};
  return map;
}

TEST(TopologyWireTest, ProtoKeepsEveryField) {
  EXPECT_THAT(FromProto(ToProto(ColourfulMap())), IsOkAndHolds(ColourfulMap()));
}

TEST(TopologyWireTest, JsonKeepsEveryField) {
  EXPECT_THAT(FromJson(ToJson(ColourfulMap())), IsOkAndHolds(ColourfulMap()));
}

TEST(TopologyWireTest, BothKeepRandomMaps) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 50; ++round) {
    topology::RandomCluster cluster(random, {.nodes_max = 20, .partitions_log2_max = 6});
    cluster.Apply(*topology::PlanPlacement(cluster.map()));

    ASSERT_THAT(FromProto(ToProto(cluster.map())), IsOkAndHolds(cluster.map()));
    ASSERT_THAT(FromJson(ToJson(cluster.map())), IsOkAndHolds(cluster.map()));
  }
}

TEST(TopologyWireTest, ProtoNamesNodesById) {
  const internal::v1::ClusterMap proto = ToProto(ColourfulMap());

  EXPECT_THAT(proto.partitions(0).slots(0).nodes(), ElementsAre("n1", "n6"));
  EXPECT_FALSE(proto.partitions(0).slots(0).vacant());
  EXPECT_THAT(proto.partitions(1).slots(2).nodes(), ElementsAre("n5"));
  EXPECT_TRUE(proto.partitions(1).slots(2).vacant());
}

TEST(TopologyWireTest, JsonIsOneLineInTheWordsOfTheProto) {
  const std::string json =
      ToJson(TestMap({.node_count = 1, .partition_count = 1, .replication_factor = 1}));

  EXPECT_EQ(json, R"({"cluster_id":"test","epoch":"5","replication_factor":1,)"
                  R"("nodes":[{"id":"n1","address":"127.0.0.1:7001","zone":"z1","weight":100,)"
                  R"("incarnation":"101"}],)"
                  R"("partitions":[{"epoch":1,"slots":[{"nodes":["n1"]}]}],)"
                  R"("namespaces":[{"name":"default","default_consistency":2}]})");
}

TEST(TopologyWireTest, RefusesSlotsOfStrangers) {
  internal::v1::ClusterMap proto = ToProto(TestMap());
  proto.mutable_partitions(0)->mutable_slots(0)->set_nodes(0, "stranger");
  EXPECT_THAT(FromProto(proto), InvalidBecause("node \"stranger\" is named"));

  proto = ToProto(TestMap());
  proto.mutable_partitions(0)->mutable_slots(0)->add_nodes("stranger");
  EXPECT_THAT(FromProto(proto), InvalidBecause("node \"stranger\" is named"));
}

TEST(TopologyWireTest, RefusesSlotsOfTheWrongSize) {
  internal::v1::ClusterMap proto = ToProto(TestMap());
  internal::v1::Slot& slot = *proto.mutable_partitions(0)->mutable_slots(0);
  slot.clear_nodes();
  EXPECT_THAT(FromProto(proto), InvalidBecause("a slot names 0 nodes, must be 1 or 2"));
  for (const char* id : {"n1", "n4", "n1"}) slot.add_nodes(id);
  EXPECT_THAT(FromProto(proto), InvalidBecause("a slot names 3 nodes, must be 1 or 2"));
  slot.clear_nodes();
  slot.set_vacant(true);
  EXPECT_THAT(FromProto(proto), InvalidBecause("a vacant slot names 0 nodes, must be 1"));
  slot.add_nodes("n1");
  slot.add_nodes("n4");
  EXPECT_THAT(FromProto(proto), InvalidBecause("a vacant slot names 2 nodes, must be 1"));
}

TEST(TopologyWireTest, RefusesTwoNodesWithOneId) {
  internal::v1::ClusterMap proto = ToProto(TestMap());
  proto.mutable_nodes(1)->set_id("n1");
  EXPECT_THAT(FromProto(proto), InvalidBecause("two nodes have the id \"n1\""));
}

TEST(TopologyWireTest, RefusesMoreNodesThanAnIndexCanName) {
  internal::v1::ClusterMap proto = ToProto(TestMap());
  for (int i = 0; i < 70000; ++i) proto.add_nodes()->set_id(absl::StrCat("x", i));
  EXPECT_THAT(FromProto(proto), InvalidBecause("at most 1024"));
}

TEST(TopologyWireTest, RefusesUnknownConsistencyLevels) {
  internal::v1::ClusterMap proto = ToProto(TestMap());
  // 258 would be 2, QUORUM, in a byte.
  for (const uint32_t number : {4u, 258u}) {
    proto.mutable_namespaces(0)->set_default_consistency(number);
    EXPECT_THAT(FromProto(proto), InvalidBecause("is not a consistency level"));
  }
  proto.mutable_namespaces(0)->set_default_consistency(0);
  EXPECT_THAT(FromProto(proto), InvalidBecause("must be ONE, QUORUM or ALL"));
}

TEST(TopologyWireTest, RefusesWhatValidateRefuses) {
  internal::v1::ClusterMap proto = ToProto(TestMap());
  proto.mutable_partitions(0)->set_epoch(99);
  EXPECT_THAT(FromProto(proto), InvalidBecause("partition 0: its epoch is 99"));
  EXPECT_THAT(FromProto(internal::v1::ClusterMap()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TopologyWireTest, RefusesWhatIsNotJson) {
  for (const std::string& json :
       {std::string(), std::string("{"), std::string("[]"), std::string("\xFF\xFE"),
        std::string("null"), ToJson(TestMap()) + "}", ToJson(TestMap()).substr(1)}) {
    EXPECT_THAT(FromJson(json), StatusIs(absl::StatusCode::kInvalidArgument)) << json;
  }
}

TEST(TopologyWireTest, RefusesFieldsItDoesNotKnow) {
  const std::string json =
      absl::StrReplaceAll(ToJson(TestMap()), {{"\"epoch\":\"5\"", "\"epoch\":\"5\",\"new\":1"}});
  EXPECT_THAT(FromJson(json), InvalidBecause("does not parse"));
}

TEST(TopologyWireTest, DamagedJsonIsRefusedOrIsAnotherValidMap) {
  base::Random random(support::TestSeed());
  const std::string sound = ToJson(ColourfulMap());
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = sound;
    for (uint64_t flips = 1 + random.Uniform(4); flips > 0; --flips) {
      damaged[random.Uniform(damaged.size())] = static_cast<char>(random.Next());
    }
    if (random.OneIn(4)) damaged.resize(random.Uniform(damaged.size()));

    // Never a crash; the file's checksum is what tells one valid map from another.
    const auto map = FromJson(damaged);
    if (!map.ok()) continue;
    ASSERT_THAT(FromJson(ToJson(*map)), IsOkAndHolds(*map));
  }
}

}  // namespace
}  // namespace quorumcache::wire
