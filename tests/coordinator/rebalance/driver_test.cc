// SPDX-License-Identifier: Apache-2.0
// The driver against a store and joiners that are this test, and do what they please.
#include "coordinator/rebalance/driver.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/topology/placement.h"
#include "common/topology/validate.h"
#include "coordinator/rebalance/plan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/random_cluster.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::rebalance {
namespace {

using base::MonotonicTime;
using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using topology::ClusterMap;
using topology::Slot;
using topology::TestMap;

MonotonicTime At(int64_t ms) {
  return MonotonicTime::FromNanos(ms * 1'000'000);
}

// Partition 0 is to go from n1 to n4.
ClusterMap MapWithMove(bool from_is_dead = false) {
  ClusterMap map = TestMap();
  map.change = topology::Change{
      .id = 5,
      .summary = "test",
      .moves_total = 1,
      .moves = {{.partition = 0, .slot = 0, .from = 0, .to = 3, .from_is_dead = from_is_dead}}};
  return map;
}

JoinReport Whole(const ClusterMap& map, uint32_t partition, topology::NodeIndex node) {
  return {map.nodes[node].incarnation,
          {{partition, map.partitions[partition].ballot_floor_epoch, true, 10, 100}}};
}

class DriverTest : public testing::Test {
 protected:
  // The driver has the lease and has published the beginning of the move.
  ClusterMap Begin(bool from_is_dead = false) {
    (void)driver_.OnMap(MapWithMove(from_is_dead), At(0));
    const auto actions = driver_.OnLease(true, At(0));
    EXPECT_TRUE(actions.publish.has_value());
    const ClusterMap map = actions.publish->map;
    asks_ = driver_.OnPublished(absl::OkStatus(), At(1)).asks;
    return map;
  }

  Driver driver_{DriverOptions{}};
  std::vector<std::string> asks_;
};

TEST_F(DriverTest, WithoutTheLeaseItDoesNothing) {
  const auto actions = driver_.OnMap(MapWithMove(), At(0));

  EXPECT_FALSE(actions.publish.has_value());
  EXPECT_THAT(actions.asks, IsEmpty());
  EXPECT_EQ(driver_.wake_at(), MonotonicTime::Infinite());
  EXPECT_TRUE(driver_.progress().active);
}

TEST_F(DriverTest, BeginsWithThePairAndAFloor) {
  const ClusterMap map = Begin();

  EXPECT_EQ(map.epoch, 6u);
  EXPECT_EQ(map.partitions[0].slots[0], Slot::Moving(0, 3));
  EXPECT_EQ(map.partitions[0].epoch, 6u);
  EXPECT_EQ(map.partitions[0].ballot_floor_epoch, 6u);
  EXPECT_THAT(asks_, ElementsAre("n4"));
  EXPECT_EQ(driver_.progress().moving, 1u);
}

TEST_F(DriverTest, ADeadNodesSlotFallsVacant) {
  EXPECT_EQ(Begin(true).partitions[0].slots[0], Slot::Vacant(3));
}

TEST_F(DriverTest, CutsOverWhenTheJoinerSaysThatItsCopyIsWhole) {
  const ClusterMap map = Begin();

  const auto actions = driver_.OnJoins("n4", Whole(map, 0, 3), At(300));

  ASSERT_TRUE(actions.publish.has_value());
  EXPECT_EQ(actions.publish->expected_epoch, 6u);
  EXPECT_EQ(actions.publish->map.partitions[0].slots[0], Slot::Settled(3));
  EXPECT_EQ(actions.publish->map.partitions[0].ballot_floor_epoch, 6u);
  EXPECT_TRUE(actions.publish->map.change->moves.empty());
  (void)driver_.OnPublished(absl::OkStatus(), At(301));
  const auto last = driver_.OnTimer(At(600));
  ASSERT_TRUE(last.publish.has_value());
  EXPECT_FALSE(last.publish->map.change.has_value());
  (void)driver_.OnPublished(absl::OkStatus(), At(601));
  EXPECT_FALSE(driver_.progress().active);
}

TEST_F(DriverTest, OneMapForManyCopiesUnlessSomeAreSlow) {
  ClusterMap map = MapWithMove();
  map.change->moves.push_back({.partition = 1, .slot = 0, .from = 1, .to = 0});
  map.change->moves_total = 2;
  (void)driver_.OnMap(map, At(0));
  auto actions = driver_.OnLease(true, At(0));
  ASSERT_TRUE(actions.publish.has_value());
  map = actions.publish->map;
  ASSERT_EQ(map.partitions[1].slots[0], Slot::Moving(1, 0));
  (void)driver_.OnPublished(absl::OkStatus(), At(0));

  EXPECT_FALSE(driver_.OnJoins("n4", Whole(map, 0, 3), At(500)).publish.has_value())
      << "the other one may be whole soon";
  actions = driver_.OnTimer(At(1001));
  ASSERT_TRUE(actions.publish.has_value()) << "it takes its time: on without it";
  EXPECT_EQ(actions.publish->map.partitions[0].slots[0], Slot::Settled(3));
  EXPECT_EQ(actions.publish->map.partitions[1].slots[0], Slot::Moving(1, 0));
  (void)driver_.OnPublished(absl::OkStatus(), At(1010));

  actions = driver_.OnJoins("n1", Whole(map, 1, 0), At(1250));
  ASSERT_TRUE(actions.publish.has_value()) << "nothing is left to wait for";
  EXPECT_EQ(actions.publish->map.partitions[1].slots[0], Slot::Settled(0));
}

TEST_F(DriverTest, DoesNotBelieveAnotherDiskAnotherJoinOrHalfACopy) {
  const ClusterMap map = Begin();
  JoinReport other_disk = Whole(map, 0, 3);
  other_disk.incarnation = 999;
  JoinReport other_join = Whole(map, 0, 3);
  other_join.joins[0].join_id = 5;
  JoinReport half = Whole(map, 0, 3);
  half.joins[0].complete = false;
  JoinReport other_partition = Whole(map, 1, 3);
  JoinReport nonsense = Whole(map, 0, 3);
  nonsense.joins[0].partition = 4711;

  int64_t ms = 300;
  for (const JoinReport& report : {other_disk, other_join, half, other_partition, nonsense}) {
    EXPECT_FALSE(driver_.OnJoins("n4", report, At(ms += 100)).publish.has_value());
  }
  EXPECT_FALSE(driver_.OnJoins("n3", Whole(map, 0, 2), At(ms)).publish.has_value());
  EXPECT_FALSE(driver_.OnJoins("n4", absl::UnavailableError("away"), At(ms)).publish.has_value());
  EXPECT_EQ(driver_.progress().last_error, "node n4: away");
}

TEST_F(DriverTest, AsksEachJoinerOnceAtATime) {
  Begin();
  EXPECT_THAT(driver_.OnTimer(At(500)).asks, IsEmpty()) << "n4 has not answered yet";

  (void)driver_.OnJoins("n4", JoinReport{}, At(501));
  EXPECT_THAT(driver_.OnTimer(At(700)).asks, ElementsAre("n4"));
}

TEST_F(DriverTest, WaitsForAJoinerThatHasNotBeenStarted) {
  ClusterMap map = MapWithMove();
  map.nodes[3].incarnation = 0;
  (void)driver_.OnMap(map, At(0));

  EXPECT_FALSE(driver_.OnLease(true, At(0)).publish.has_value());
  EXPECT_THAT(driver_.progress().waiting_for, ElementsAre("n4"));
  ClusterMap bound = topology::Next(map);
  bound.nodes[3].incarnation = 104;
  EXPECT_TRUE(driver_.OnMap(bound, At(1)).publish.has_value());
}

TEST_F(DriverTest, WhoComesSecondWaitsForTheMapOfTheFirst) {
  (void)driver_.OnMap(MapWithMove(), At(0));
  const auto actions = driver_.OnLease(true, At(0));
  EXPECT_FALSE(driver_.OnPublished(absl::AbortedError("another epoch"), At(1)).publish);
  EXPECT_EQ(driver_.progress().last_error, "");

  // The other driver has done the same.
  EXPECT_FALSE(driver_.OnMap(actions.publish->map, At(2)).publish.has_value());
  EXPECT_TRUE(driver_.OnJoins("n4", Whole(actions.publish->map, 0, 3), At(900)).publish);
}

TEST_F(DriverTest, TriesAgainLaterWhenTheStoreIsAway) {
  (void)driver_.OnMap(MapWithMove(), At(0));
  (void)driver_.OnLease(true, At(0));
  EXPECT_FALSE(driver_.OnPublished(absl::UnavailableError("no leader"), At(1)).publish);
  EXPECT_EQ(driver_.progress().last_error, "topology store: no leader");

  EXPECT_FALSE(driver_.OnTimer(At(150)).publish.has_value());
  EXPECT_TRUE(driver_.OnTimer(At(250)).publish.has_value());
}

TEST_F(DriverTest, MovesNoMorePartitionsAtOnceThanAllowed) {
  ClusterMap map = TestMap({.node_count = 8, .partition_count = 8});
  const auto plan = MakePlan(map, {{DrainNode{"n1"}, DrainNode{"n2"}}}, {});
  ASSERT_THAT(plan.status(), IsOk());
  Driver driver{DriverOptions{.moving_max = 2}};
  (void)driver.OnMap(plan->next, At(0));

  const auto actions = driver.OnLease(true, At(0));

  ASSERT_TRUE(actions.publish.has_value());
  const auto& partitions = actions.publish->map.partitions;
  EXPECT_EQ(std::count_if(partitions.begin(), partitions.end(),
                          [](const auto& entry) { return !entry.IsSettled(); }),
            2);
}

// Takes random clusters through random changes: two drivers, a store that fails, joiners that
// answer late, and now and then an abort.
class RandomChange {
 public:
  RandomChange(ClusterMap map, base::Random* random) : map_(std::move(map)), random_(*random) {
    for (topology::Node& node : map_.nodes) node.incarnation = ++incarnation_;
  }

  // The moves that were made.
  size_t Run(const ClusterMap& committed, bool aborts) {
    Set(committed);
    size_t cut_over = 0;
    for (int step = 0; map_.change.has_value() && step < 20'000; ++step) {
      now_ms_ += 50;
      const size_t before = map_.change->moves.size();
      BindOne();
      const size_t one = random_.Uniform(2);
      if (random_.OneIn(40)) drivers_[one] = Driver(DriverOptions{.moving_max = 4});
      if (random_.OneIn(4)) Handle(one, drivers_[one].OnMap(map_, At(now_ms_)));
      Handle(one, drivers_[one].OnLease(true, At(now_ms_)));
      Handle(one, drivers_[one].OnTimer(At(now_ms_)));
      if (aborts && map_.change.has_value() && random_.OneIn(20)) {
        const auto aborted = MakeAbort(map_);
        EXPECT_THAT(aborted.status(), IsOk());
        Set(*aborted);
        return cut_over;
      }
      if (map_.change.has_value()) cut_over += before - map_.change->moves.size();
    }
    EXPECT_FALSE(map_.change.has_value()) << "does not end";
    return cut_over;
  }

  const ClusterMap& map() const { return map_; }

 private:
  void Set(const ClusterMap& next) {
    ASSERT_THAT(topology::Validate(next), IsOk());
    ASSERT_THAT(topology::ValidateSuccessor(map_, next), IsOk());
    map_ = next;
  }

  void BindOne() {
    for (topology::Node& node : map_.nodes) {
      if (node.incarnation != 0) continue;
      ClusterMap next = topology::Next(map_);
      next.nodes[static_cast<size_t>(&node - map_.nodes.data())].incarnation = ++incarnation_;
      return Set(next);
    }
  }

  void Handle(size_t one, Driver::Actions actions) {
    if (actions.publish.has_value()) {
      absl::Status status = absl::OkStatus();
      if (random_.OneIn(5)) status = absl::UnavailableError("away");
      if (actions.publish->expected_epoch != map_.epoch) status = absl::AbortedError("other");
      if (status.ok()) Set(actions.publish->map);
      Handle(one, drivers_[one].OnPublished(status, At(now_ms_)));
    }
    for (const std::string& id : actions.asks) {
      Handle(one, drivers_[one].OnJoins(id, ReportOf(id), At(now_ms_)));
    }
  }

  absl::StatusOr<JoinReport> ReportOf(const std::string& id) {
    const auto node = map_.FindNode(id);
    if (!node.has_value() || random_.OneIn(4)) return absl::UnavailableError("away");
    JoinReport report{map_.nodes[*node].incarnation, {}};
    for (uint32_t p = 0; p < map_.partitions.size(); ++p) {
      for (const Slot& slot : map_.partitions[p].slots) {
        if (slot.joiner != *node) continue;
        report.joins.push_back(
            {p, map_.partitions[p].ballot_floor_epoch, random_.OneIn(2), 1, 100});
      }
    }
    return report;
  }

  ClusterMap map_;
  base::Random& random_;
  uint64_t incarnation_ = 1000;
  int64_t now_ms_ = 0;
  std::vector<Driver> drivers_{Driver(DriverOptions{.moving_max = 4}), Driver(DriverOptions{})};
};

TEST(DriverPropertyTest, EveryChangeComesToItsEndByLegalSteps) {
  base::Random random(support::TestSeed());
  for (int cluster_number = 0; cluster_number < 25; ++cluster_number) {
    topology::RandomCluster cluster(random, {.nodes_max = 12, .partitions_log2_max = 5});
    cluster.Apply(*topology::PlanPlacement(cluster.map()));
    ClusterMap map = cluster.map();
    map.namespaces.push_back({"default", model::Consistency::kQuorum});
    RandomChange world(map, &random);
    map = world.map();
    std::vector<Edit> edits;
    for (uint32_t added = 0; added <= random.Uniform(2); ++added) {
      topology::Node node = topology::TestNode(100 + added);
      node.weight = 100;
      edits.push_back(AddNode{node, ""});
    }
    const topology::Node& victim = map.nodes[random.Uniform(map.nodes.size())];
    if (random.OneIn(2)) edits.push_back(RemoveNode{victim.id, random.OneIn(2)});
    const auto plan = MakePlan(map, {edits}, {});
    ASSERT_THAT(plan.status(), IsOk());

    const size_t moved = world.Run(plan->next, /*aborts=*/random.OneIn(3));

    EXPECT_TRUE(world.map().IsSettled());
    EXPECT_LE(moved, plan->moves.size());
    EXPECT_THAT(topology::Validate(world.map()), IsOk());
    // What is done is balanced: nothing is left to move, whether it was all or a rebalance follows.
    const auto rest = MakePlan(world.map(), {}, {});
    if (rest.ok()) {
      EXPECT_LE(rest->moves.size(), plan->moves.size());
    }
  }
}

}  // namespace
}  // namespace quorumcache::rebalance
