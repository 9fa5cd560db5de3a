// SPDX-License-Identifier: Apache-2.0
#include "common/topology_base/map_json.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/topology/cluster_map.h"
#include "common/topology/placement.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/random_cluster.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_base {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;
using testing::EndsWith;
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

TEST(MapJsonTest, KeepsEveryField) {
  EXPECT_THAT(FromJson(ToJson(ColourfulMap())), IsOkAndHolds(ColourfulMap()));
}

TEST(MapJsonTest, KeepsRandomMaps) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 50; ++round) {
    topology::RandomCluster cluster(random, {.nodes_max = 20, .partitions_log2_max = 6});
    cluster.Apply(*topology::PlanPlacement(cluster.map()));

    ASSERT_THAT(FromJson(ToJson(cluster.map())), IsOkAndHolds(cluster.map()));
  }
}

TEST(MapJsonTest, IsOneLineThatNamesNodesById) {
  const std::string json =
      ToJson(TestMap({.node_count = 1, .partition_count = 1, .replication_factor = 1}));

  EXPECT_EQ(json, R"({"cluster_id":"test","epoch":"5","replication_factor":1,)"
                  R"("nodes":[{"id":"n1","address":"127.0.0.1:7001","zone":"z1","weight":100,)"
                  R"("incarnation":"101"}],)"
                  R"("partitions":[{"epoch":1,"slots":[{"nodes":["n1"]}]}],)"
                  R"("namespaces":[{"name":"default","default_consistency":2}]})");
}

TEST(MapJsonTest, EveryKindOfMemberIsWrittenAsItAlwaysWas) {
  const std::string json = ToJson(ColourfulMap());

  // Maps of earlier versions are read, and theirs must read ours: this is the text of protobuf.
  EXPECT_THAT(json,
              HasSubstr(R"({"epoch":6,"ballot_floor_epoch":6,"slots":[{"nodes":["n1","n6"]},)"));
  EXPECT_THAT(json, HasSubstr(R"({"nodes":["n5"],"vacant":true})"));
  EXPECT_THAT(json,
              HasSubstr(R"({"id":"n4","address":"127.0.0.1:7004","zone":"z1","weight":100})"));
  EXPECT_THAT(json, HasSubstr(R"("incarnation":"18446744073709551615")"));
  EXPECT_THAT(json,
              EndsWith(R"("change":{"id":4,"summary":"replace n4 with n5, add n6",)"
                       R"("moves_total":7,"moves":[{"from":"n1","to":"n6"},)"
                       R"({"partition":1,"slot":2,"from":"n4","to":"n5","from_is_dead":true}],)"
                       R"("removes":["n4"],"weights_on_abort":[{"node":"n1","weight":100},)"
                       R"({"node":"n6"}]}})"));
}

TEST(MapJsonTest, TextThatJsonHasToEscapeComesBack) {
  ClusterMap map = ColourfulMap();
  map.change->summary = "a \"quoted\" \\ line\nand \x01 caf\xC3\xA9";

  EXPECT_THAT(FromJson(ToJson(map)), IsOkAndHolds(map));
}

// The JSON of TestMap with one text in it replaced by another; the first place where it occurs.
std::string Edited(const std::string& from, const std::string& to) {
  std::string json = ToJson(TestMap());
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << json;
  return json.replace(at, from.size(), to);
}

TEST(MapJsonTest, RefusesSlotsOfStrangers) {
  EXPECT_THAT(FromJson(Edited(R"({"nodes":["n1"]})", R"({"nodes":["stranger"]})")),
              InvalidBecause("node \"stranger\" is named"));
  EXPECT_THAT(FromJson(Edited(R"({"nodes":["n1"]})", R"({"nodes":["n1","stranger"]})")),
              InvalidBecause("node \"stranger\" is named"));
}

TEST(MapJsonTest, RefusesSlotsOfTheWrongSize) {
  const std::string slot = R"({"nodes":["n1"]})";
  EXPECT_THAT(FromJson(Edited(slot, "{}")), InvalidBecause("a slot names 0 nodes, must be 1 or 2"));
  EXPECT_THAT(FromJson(Edited(slot, R"({"nodes":["n1","n4","n1"]})")),
              InvalidBecause("a slot names 3 nodes, must be 1 or 2"));
  EXPECT_THAT(FromJson(Edited(slot, R"({"vacant":true})")),
              InvalidBecause("a vacant slot names 0 nodes, must be 1"));
  EXPECT_THAT(FromJson(Edited(slot, R"({"nodes":["n1","n4"],"vacant":true})")),
              InvalidBecause("a vacant slot names 2 nodes, must be 1"));
}

TEST(MapJsonTest, RefusesTwoNodesWithOneId) {
  EXPECT_THAT(FromJson(Edited(R"("id":"n2")", R"("id":"n1")")),
              InvalidBecause("two nodes have the id \"n1\""));
}

TEST(MapJsonTest, RefusesMoreNodesThanAnIndexCanName) {
  std::string nodes = R"("nodes":[)";
  for (int i = 0; i < 70000; ++i) absl::StrAppend(&nodes, R"({"id":"x)", i, "\"},");
  EXPECT_THAT(FromJson(Edited(R"("nodes":[)", nodes)), InvalidBecause("more than 1024"));
}

TEST(MapJsonTest, RefusesUnknownConsistencyLevels) {
  const std::string quorum = R"("default_consistency":2)";
  // 258 would be 2, QUORUM, in a byte.
  for (const char* number : {"4", "258"}) {
    EXPECT_THAT(FromJson(Edited(quorum, absl::StrCat(R"("default_consistency":)", number))),
                InvalidBecause("is not a consistency level"));
  }
  EXPECT_THAT(FromJson(Edited("," + quorum, "")), InvalidBecause("must be ONE, QUORUM or ALL"));
}

TEST(MapJsonTest, RefusesMembersOfTheWrongType) {
  const std::pair<const char*, const char*> edits[] = {
      {R"("epoch":"5")", R"("epoch":5)"},
      {R"("epoch":"5")", R"("epoch":"-5")"},
      {R"("epoch":"5")", R"("epoch":"18446744073709551616")"},
      {R"("replication_factor":3)", R"("replication_factor":"3")"},
      {R"("replication_factor":3)", R"("replication_factor":3.5)"},
      {R"("replication_factor":3)", R"("replication_factor":4294967299)"},
      {R"("replication_factor":3)", R"("replication_factor":-1)"},
      {R"("cluster_id":"test")", R"("cluster_id":7)"},
      {R"("nodes":["n1"])", R"("nodes":"n1")"},
      {R"("nodes":["n1"])", R"("nodes":[1])"},
      {R"("nodes":["n1"])", R"("nodes":["n1"],"vacant":1)"},
      {R"({"nodes":["n1"]})", R"(["n1"])"},
  };
  for (const auto& [from, to] : edits) {
    EXPECT_THAT(FromJson(Edited(from, to)), InvalidBecause("cluster map: a member is not")) << to;
  }
}

TEST(MapJsonTest, RefusesWhatValidateRefuses) {
  EXPECT_THAT(FromJson(Edited(R"({"epoch":1,)", R"({"epoch":99,)")),
              InvalidBecause("partition 0: its epoch is 99"));
  EXPECT_THAT(FromJson("{}"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MapJsonTest, RefusesWhatIsNotJson) {
  for (const std::string& json :
       {std::string(), std::string("{"), std::string("[]"), std::string("\xFF\xFE"),
        std::string("null"), ToJson(TestMap()) + "}", ToJson(TestMap()).substr(1)}) {
    EXPECT_THAT(FromJson(json), StatusIs(absl::StatusCode::kInvalidArgument)) << json;
  }
}

TEST(MapJsonTest, RefusesMembersItDoesNotKnow) {
  for (const char* place : {R"("epoch":"5")", R"("id":"n1")", R"("nodes":["n1"])"}) {
    EXPECT_THAT(FromJson(Edited(place, absl::StrCat(place, R"(,"new":1)"))),
                InvalidBecause("this version knows no member \"new\""));
  }
}

TEST(MapJsonTest, DamagedJsonIsRefusedOrIsAnotherValidMap) {
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
}  // namespace quorumcache::topology_base
