// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/topology/placement.h"
#include "coordinator/service/rebalance_monitor.h"

namespace quorumcache::service {
namespace {

using testing::HasSubstr;
using topology::ClusterMap;

// n1 to n4 on ports 1 to 4, three replicas of 16 partitions.
ClusterMap FourNodes() {
  topology::NewCluster cluster{.cluster_id = "c1", .partition_count = 16};
  for (int i = 1; i <= 4; ++i) {
    cluster.nodes.push_back({.id = "n" + std::to_string(i),
                             .address = "h:" + std::to_string(i),
                             .incarnation = static_cast<uint64_t>(i)});
  }
  return topology::MakeFirstMap(cluster).value();
}

NodeFacts Waiting(const std::string& address, const std::string& id,
                  const std::string& cluster_id = "c1") {
  NodeFacts facts;
  facts.joining.emplace(address, NodeDescription{id, cluster_id, 77});
  return facts;
}

std::string ReasonOf(const ClusterChange& change, const NodeFacts& facts = {},
                     const ClusterMap& map = FourNodes()) {
  rebalance::ChangeRequest request;
  return ResolveChange(change, map, facts, &request).reason;
}

TEST(ChangeRequestTest, ANodeThatWaitsIsAddedAsItDescribesItself) {
  rebalance::ChangeRequest request;
  const ClusterChange change{.add = {{.address = "h:5", .zone = "b"}}};

  ASSERT_TRUE(ResolveChange(change, FourNodes(), Waiting("h:5", "n5"), &request).ok());

  const auto& edit = std::get<rebalance::AddNode>(request.edits.at(0));
  EXPECT_EQ(edit.node.id, "n5");
  EXPECT_EQ(edit.node.zone, "b");
  EXPECT_EQ(edit.node.weight, limits::kNodeWeightDefault);
  EXPECT_EQ(edit.node.incarnation, 77u);
  EXPECT_EQ(edit.cluster_id, "c1");
}

TEST(ChangeRequestTest, AReplacementTakesZoneAndWeightOfTheDead) {
  ClusterMap map = FourNodes();
  map.nodes[0].zone = "a";
  map.nodes[0].weight = 50;
  rebalance::ChangeRequest request;
  const ClusterChange change{.replace = {{.dead_id = "n1", .with = {.address = "h:5"}}}};

  ASSERT_TRUE(ResolveChange(change, map, Waiting("h:5", "n5"), &request).ok());

  const auto& edit = std::get<rebalance::ReplaceNode>(request.edits.at(0));
  EXPECT_EQ(edit.dead, "n1");
  EXPECT_EQ(edit.with, "n5");
  EXPECT_EQ(edit.node->node.zone, "a");
  EXPECT_EQ(edit.node->node.weight, 50u);
}

TEST(ChangeRequestTest, ANodeReplacesItselfWhereItHasANewDiskOnly) {
  const ClusterChange itself{.replace = {{.dead_id = "n1"}}};
  rebalance::ChangeRequest request;

  EXPECT_EQ(JoiningAddresses(itself, FourNodes()), std::set<std::string>{"h:1"});
  ASSERT_TRUE(ResolveChange(itself, FourNodes(), Waiting("h:1", "n1"), &request).ok());
  const auto& edit = std::get<rebalance::ReplaceNode>(request.edits.at(0));
  EXPECT_EQ(edit.with, "n1");
  EXPECT_EQ(edit.node->node.incarnation, 77u);

  NodeFacts alive = Waiting("h:1", "n1");
  alive.joining.at("h:1")->incarnation = 1;
  EXPECT_EQ(ReasonOf(itself, alive), "CHANGE_REFUSED");
  EXPECT_EQ(ReasonOf(itself), "NODE_UNREACHABLE");
  const ClusterChange moved{.replace = {{.dead_id = "n1", .with = {.address = "h:9"}}}};
  EXPECT_EQ(ReasonOf(moved, Waiting("h:9", "n1")), "NODE_EXISTS");
}

TEST(ChangeRequestTest, MembersAreNamedByIdOrAddress) {
  rebalance::ChangeRequest request;

  ASSERT_TRUE(ResolveChange({.drain = {"h:2"}}, FourNodes(), {}, &request).ok());

  EXPECT_EQ(std::get<rebalance::DrainNode>(request.edits.at(0)).id, "n2");
}

TEST(ChangeRequestTest, ARemovedNodeThatIsSilentCountsAsDead) {
  rebalance::ChangeRequest request;
  NodeFacts facts;
  facts.silent = {"n1"};

  ASSERT_TRUE(ResolveChange({.remove = {"n1"}}, FourNodes(), facts, &request).ok());

  EXPECT_TRUE(std::get<rebalance::RemoveNode>(request.edits.at(0)).is_dead);
}

TEST(ChangeRequestTest, EveryRefusalHasAReasonOfItsOwn) {
  const ClusterChange add{.add = {{.address = "h:5"}}};
  EXPECT_EQ(ReasonOf({}), "CHANGE_INVALID");
  EXPECT_EQ(ReasonOf({.add = {{.address = "nowhere"}}}), "CHANGE_INVALID");
  EXPECT_EQ(ReasonOf({.add = {{.address = "h:1"}}}), "ADDRESS_IN_USE");
  EXPECT_EQ(ReasonOf(add), "NODE_UNREACHABLE");
  EXPECT_EQ(ReasonOf(add, Waiting("h:5", "n5", "c2")), "OTHER_CLUSTER");
  EXPECT_EQ(ReasonOf(add, Waiting("h:5", "n1")), "NODE_EXISTS");
  EXPECT_EQ(ReasonOf({.add = {{.address = "h:5", .id = "n6"}}}, Waiting("h:5", "n5")),
            "CHANGE_INVALID");
  EXPECT_EQ(ReasonOf({.drain = {"n9"}}), "NODE_NOT_FOUND");
  EXPECT_EQ(ReasonOf({.replace = {{.dead_id = "n9"}}}), "NODE_NOT_FOUND");
  EXPECT_EQ(ReasonOf({.remove = {"n1"}}), "");
}

TEST(ChangeRequestTest, WeightZeroIsRefusedAndPointsAtDrain) {
  rebalance::ChangeRequest request;

  const CacheError error = ResolveChange({.weights = {{"n1", 0}}}, FourNodes(), {}, &request);

  EXPECT_EQ(error.code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error.reason, "CHANGE_INVALID");
  EXPECT_THAT(error.message, HasSubstr("qcctl node drain n1"));
  EXPECT_EQ(ReasonOf({.weights = {{"n9", 0}}}), "NODE_NOT_FOUND");
  EXPECT_EQ(ReasonOf({.weights = {{"n1", 1}}}), "");
}

TEST(ChangeRequestTest, SizesAreKnownWhereOneHolderHasSaidThem) {
  const ClusterMap map = FourNodes();
  const std::vector<topology::PlannedMove> moves = {
      {.partition = 3, .slot = 0, .from = 0, .to = 1}};
  std::set<std::string> holders;
  for (const topology::Slot& slot : map.partitions[3].slots) {
    holders.insert(map.nodes[slot.holder].id);
  }
  std::set<std::string> others;
  for (const topology::Node& node : map.nodes) {
    if (!holders.contains(node.id)) others.insert(node.id);
  }

  EXPECT_TRUE(SizesAreKnown(map, moves, {*holders.begin()}));
  EXPECT_FALSE(SizesAreKnown(map, moves, others));
  EXPECT_FALSE(SizesAreKnown(map, moves, {}));
  EXPECT_TRUE(SizesAreKnown(map, {}, {})) << "nothing moves";
}

TEST(ChangeRequestTest, AMapThatIsGoneFromItsStoreSaysHowToPutItBack) {
  const CacheError lost = StoreErrorOf(absl::NotFoundError("there is no map"));
  const CacheError away = StoreErrorOf(absl::UnavailableError("no etcd answers"));

  EXPECT_EQ(lost.reason, "TOPOLOGY_UNAVAILABLE");
  EXPECT_THAT(lost.message, HasSubstr("The store is lost"));
  EXPECT_EQ(away.message, "no etcd answers. Nothing was changed");
}

TEST(ChangeRequestTest, OneChangeAtATime) {
  ClusterMap map = FourNodes();
  map.change = topology::Change{.id = 1, .summary = "add n4"};
  rebalance::ChangeRequest request;

  const CacheError error = ResolveChange({.drain = {"n1"}}, map, {}, &request);

  EXPECT_EQ(error.reason, "CHANGE_UNDER_WAY");
  EXPECT_THAT(error.message, HasSubstr("add n4"));
}

TEST(ChangeRequestTest, APlanShowsEveryNodeBeforeAndAfter) {
  const ClusterMap map = FourNodes();
  rebalance::ChangeRequest request;
  ASSERT_TRUE(ResolveChange({.add = {{.address = "h:5"}}, .remove = {"n1"}}, map,
                            Waiting("h:5", "n5"), &request)
                  .ok());
  const auto plan = rebalance::MakePlan(map, request, std::vector<uint64_t>(16, 10));
  ASSERT_TRUE(plan.ok()) << plan.status();

  const ChangePlan shown = ShowPlan(map, *plan);

  EXPECT_EQ(shown.epoch, map.epoch);
  EXPECT_EQ(shown.replicas_to_move, plan->moves.size());
  EXPECT_EQ(shown.bytes_to_move, 10 * plan->moves.size());
  ASSERT_EQ(shown.nodes.size(), 5u);
  EXPECT_TRUE(shown.nodes[0].is_removed);
  EXPECT_EQ(shown.nodes[0].replicas_before, 12u);
  EXPECT_EQ(shown.nodes[0].replicas_after, 0u);
  EXPECT_TRUE(shown.nodes[4].is_new);
  EXPECT_EQ(shown.nodes[4].replicas_gained, 12u);
  EXPECT_EQ(ShowRebalance(plan->next).replicas_total, plan->moves.size());
  EXPECT_EQ(ShowRebalance(map).state, RebalanceState::kIdle);
}

// The map of a change whose first move of two is under way, from n1 to n4.
ClusterMap Moving(size_t moves_left) {
  ClusterMap map = FourNodes();
  map.change = topology::Change{.id = 3, .summary = "x", .moves_total = 4};
  for (uint32_t partition = 0; partition < moves_left; ++partition) {
    map.change->moves.push_back({.partition = partition, .slot = 0, .from = 0, .to = 3});
  }
  map.partitions[0].slots[0] = topology::Slot::Moving(0, 3);
  return map;
}

internal::v1::JoinStatusResponse Received(uint64_t bytes) {
  internal::v1::JoinStatusResponse status;
  status.set_bytes_received(bytes);
  status.set_bytes_per_second_max(500);
  internal::v1::JoinState& join = *status.add_joins();
  join.set_partition(0);
  join.set_size_bytes(bytes);
  return status;
}

base::MonotonicTime At(int seconds) {
  return base::MonotonicTime() + absl::Seconds(seconds);
}

TEST(RebalanceMonitorTest, SpeedAndTimeLeftComeFromTwoLooks) {
  RebalanceMonitor monitor;
  monitor.OnMap(Moving(4), At(0));
  ASSERT_EQ(monitor.Joiners().size(), 1u);
  EXPECT_EQ(monitor.Joiners()[0].id, "n4");
  monitor.OnStatus("n4", Received(1000), At(1));
  monitor.OnStatus("n4", Received(3000), At(2));
  monitor.OnMap(Moving(2), At(10));

  RebalanceView view = ShowRebalance(Moving(2));
  monitor.Complete(&view, At(4));

  EXPECT_EQ(view.bytes_moved, 2000u);
  EXPECT_EQ(view.bytes_per_second, 2000u);
  EXPECT_EQ(view.bytes_per_second_max, 500u);
  EXPECT_EQ(view.transfers.at(0).bytes, 3000u);
  EXPECT_EQ(view.time_left, absl::Seconds(4));
}

TEST(RebalanceMonitorTest, ARestartedJoinerAndAnOldLookGiveNoSpeed) {
  RebalanceMonitor monitor;
  monitor.OnMap(Moving(4), At(0));
  monitor.OnStatus("n4", Received(3000), At(1));
  monitor.OnStatus("n4", Received(100), At(2));

  RebalanceView view = ShowRebalance(Moving(4));
  monitor.Complete(&view, At(3));

  EXPECT_EQ(view.bytes_per_second, 0u);
  EXPECT_EQ(view.time_left, std::nullopt);
}

}  // namespace
}  // namespace quorumcache::service
