// SPDX-License-Identifier: Apache-2.0
// ChangeAdmin with the real planner, driver and task thread, over a store in memory: what it
// refuses, that nothing is changed by what it refuses, and aborts at every stage.
#include "coordinator/service/change_admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "common/topology/validate.h"
#include "tests/coordinator/service/fake_node_calls.h"
#include "tests/coordinator/service/manual_loop.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::service {
namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::MemoryStore;

constexpr char kFreeAddress[] = "127.0.0.1:7009";

// n1 to n4 at 127.0.0.1:7001 and so on, with incarnations 1 to 4; three replicas of 16 partitions.
ClusterMap FourNodes() {
  ClusterMap map = topology::SmallMap(4);
  for (size_t i = 0; i < 4; ++i) map.nodes[i].incarnation = i + 1;
  return map;
}

class ChangeAdminTest : public testing::Test {
 protected:
  ChangeAdminTest() {
    driver_.emplace(ChangeDriver::Parts{loop_, store_, calls_, tasks_, "c1"});
    admin_.emplace(ChangeAdmin::Parts{loop_, store_, calls_, tasks_, *driver_});
    calls_.described[kFreeAddress] = {.node_id = "n9", .cluster_id = "c1", .incarnation = 9};
  }
  ~ChangeAdminTest() override {
    admin_->Stop();
    driver_->Stop();
    tasks_.Stop();
    loop_.RunPosted();
  }

  // Runs the loop until what `ask` has asked for is answered, on whatever thread.
  template <typename Answer>
  Answer Await(const std::function<void(std::function<void(Answer)>)>& ask) {
    const auto answered = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = answered->get_future();
    ask([answered](Answer value) { answered->set_value(std::move(value)); });
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (loop_.RunPosted() == 0) std::this_thread::yield();
    }
    return answer.get();
  }
  ChangePlan Plan(const ClusterChange& change) {
    return Await<ChangePlan>([&](auto done) { admin_->Plan(change, done); });
  }
  ChangeResult Commit(const ClusterChange& change, std::optional<uint64_t> epoch) {
    return Await<ChangeResult>([&](auto done) { admin_->Commit(change, epoch, done); });
  }
  ChangeResult Abort(std::optional<uint64_t> epoch = std::nullopt) {
    return Await<ChangeResult>([&](auto done) { admin_->Abort(epoch, done); });
  }
  RebalanceView Rebalance() {
    admin_->OnMap(Map());
    return Await<RebalanceView>([&](auto done) { admin_->GetRebalance(done); });
  }

  ClusterMap Map() { return store_.Read().value(); }
  size_t MovesLeft() {
    const ClusterMap map = Map();
    return map.change.has_value() ? map.change->moves.size() : 0;
  }
  // Only the first `count` moves can be made; each is of another partition.
  void LetMove(size_t count) {
    calls_.never_whole.clear();
    const std::vector<topology::PlannedMove> moves = Map().change->moves;
    for (size_t i = count; i < moves.size(); ++i) calls_.never_whole.insert(moves[i].partition);
  }
  // The driver and the admin hear every map, as from a watch, and time passes, until `done`.
  bool DriveUntil(const std::function<bool()>& done) {
    for (int i = 0; i < 20'000 && !done(); ++i) {
      if (loop_.RunPosted() == 0) std::this_thread::yield();
      driver_->OnMap(Map());
      admin_->OnMap(Map());
      loop_.Advance(absl::Milliseconds(10));
    }
    return done();
  }

  // Neither a plan nor a commit of `change` is made, for that reason; the map stays as it is.
  void ExpectRefused(const ClusterChange& change, const std::string& reason, absl::StatusCode code,
                     const std::string& hint) {
    const ClusterMap before = Map();
    const auto is_refusal = AllOf(
        Field(&CacheError::reason, reason), Field(&CacheError::code, code),
        Field(&CacheError::outcome_unknown, false),
        Field(&CacheError::message, AllOf(HasSubstr(hint), HasSubstr("Nothing was changed"))));

    EXPECT_THAT(Plan(change).error, is_refusal);
    EXPECT_THAT(Commit(change, before.epoch).error, is_refusal);
    EXPECT_THAT(Commit(change, std::nullopt).error, is_refusal);

    EXPECT_EQ(Map(), before);
  }

  ManualLoop loop_;
  MemoryStore store_{FourNodes()};
  FakeNodeCalls calls_{loop_, store_};
  TaskThread tasks_;
  std::optional<ChangeDriver> driver_;
  std::optional<ChangeAdmin> admin_;
};

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kMissing = absl::StatusCode::kNotFound;
constexpr auto kConflict = absl::StatusCode::kFailedPrecondition;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

TEST_F(ChangeAdminTest, AnUnknownNodeIsRefusedWhereverItIsNamed) {
  admin_->OnMap(Map());
  for (const ClusterChange& change : std::vector<ClusterChange>{
           {.drain = {"n7"}},
           {.remove = {"n7"}},
           {.replace = {{.dead_id = "n7", .with = {.address = kFreeAddress}}}},
           {.weights = {{"n7", 5}}},
           {.zones = {{"n7", "a"}}}}) {
    ExpectRefused(change, "NODE_NOT_FOUND", kMissing, "there are n1, n2, n3, n4");
  }
}

TEST_F(ChangeAdminTest, FewerThanNNodesAreRefusedHoweverTheyWouldComeAbout) {
  admin_->OnMap(Map());
  for (const ClusterChange& change :
       std::vector<ClusterChange>{{.drain = {"n1", "n2"}},
                                  {.remove = {"n1", "n2"}},
                                  {.drain = {"n1"}, .remove = {"n2"}}}) {
    ExpectRefused(change, "TOO_FEW_NODES", kConflict, "only 2 nodes");
  }
  ExpectRefused({.weights = {{"n1", 0}}}, "CHANGE_INVALID", kInvalid, "node drain n1");
}

TEST_F(ChangeAdminTest, WhoMayNotJoinIsRefused) {
  admin_->OnMap(Map());
  calls_.described["127.0.0.1:7010"] = {.node_id = "n10", .cluster_id = "c2", .incarnation = 10};
  calls_.described["127.0.0.1:7011"] = {.node_id = "n1", .cluster_id = "c1", .incarnation = 11};
  const auto add = [](const std::string& address) {
    return ClusterChange{.add = {{.address = address}}};
  };

  ExpectRefused(add("127.0.0.1:7010"), "OTHER_CLUSTER", kConflict, "belongs to cluster c2");
  ExpectRefused(add("127.0.0.1:7002"), "ADDRESS_IN_USE", kConflict, "node n2 already has");
  ExpectRefused(add("127.0.0.1:7011"), "NODE_EXISTS", kConflict, "calls itself n1");
  ExpectRefused(add("127.0.0.1:7012"), "NODE_UNREACHABLE", kUnavailable, "start it first");
  ExpectRefused(add("nowhere"), "CHANGE_INVALID", kInvalid, "nowhere");
  ExpectRefused({.add = {{.address = kFreeAddress, .id = "n8"}}}, "CHANGE_INVALID", kInvalid,
                "calls itself n9, not n8");
  ExpectRefused({.add = {{.address = kFreeAddress}, {.address = kFreeAddress}}}, "NODE_EXISTS",
                kConflict, "n9 is in the cluster");
}

TEST_F(ChangeAdminTest, WhatMakesNoSenseIsRefused) {
  admin_->OnMap(Map());
  ExpectRefused({}, "CHANGE_INVALID", kInvalid, "says nothing");
  ExpectRefused({.drain = {"n1"}, .weights = {{"n1", 5}}}, "CHANGE_INVALID", kInvalid,
                "named twice");
  ExpectRefused({.zones = {{"n1", "a b"}}}, "CHANGE_INVALID", kInvalid, "zone");
  // n1 runs, on the disk that the map knows.
  calls_.described["127.0.0.1:7001"] = {.node_id = "n1", .cluster_id = "c1", .incarnation = 1};
  ExpectRefused({.replace = {{.dead_id = "n1"}}}, "CHANGE_REFUSED", kConflict,
                "nothing to replace");
}

TEST_F(ChangeAdminTest, AnotherEpochThanThePlansIsRefused) {
  const ClusterMap before = Map();
  for (const uint64_t epoch : {uint64_t{0}, before.epoch - 1, before.epoch + 1}) {
    const CacheError error = Commit({.drain = {"n4"}}, epoch).error;
    EXPECT_EQ(error.reason, "EPOCH_MISMATCH") << epoch;
    EXPECT_EQ(error.code, kConflict);
    EXPECT_THAT(error.message, HasSubstr("plan again"));
  }
  EXPECT_EQ(Map(), before);
}

TEST_F(ChangeAdminTest, APlanIsWhatTheCommitThenBegins) {
  admin_->OnMap(Map());
  const ClusterMap before = Map();
  calls_.partition_bytes = 1'000;

  const ChangePlan plan = Plan({.drain = {"n4"}});

  ASSERT_TRUE(plan.error.ok()) << plan.error.message;
  EXPECT_EQ(Map(), before) << "a plan changes nothing";
  EXPECT_EQ(plan.epoch, before.epoch);
  EXPECT_EQ(plan.bytes_to_move, plan.replicas_to_move * 1'000u);
  EXPECT_TRUE(plan.bytes_are_known);
  const ChangeResult begun = Commit({.drain = {"n4"}}, plan.epoch);
  ASSERT_TRUE(begun.error.ok()) << begun.error.message;
  EXPECT_EQ(begun.rebalance.replicas_total, plan.replicas_to_move);
  EXPECT_EQ(begun.rebalance.change_epoch, Map().epoch);
  EXPECT_EQ(Map().change->summary, "drain n4");
}

TEST_F(ChangeAdminTest, SizesAreKnownWithoutADeadNodeAndUnknownWithoutAnybody) {
  admin_->OnMap(Map());
  calls_.partition_bytes = 1'000;
  calls_.silent = {"n4"};
  const ChangePlan without_one = Plan({.remove = {"n4"}});
  calls_.silent = {"n1", "n2", "n3", "n4"};
  const ChangePlan without_any = Plan({.remove = {"n4"}});

  EXPECT_TRUE(without_one.bytes_are_known);
  EXPECT_EQ(without_one.bytes_to_move, without_one.replicas_to_move * 1'000u);
  EXPECT_FALSE(without_any.bytes_are_known);
  EXPECT_EQ(without_any.bytes_to_move, 0u);
}

TEST_F(ChangeAdminTest, ANodeThatDoesNotAnswerIsRemovedAsDead) {
  admin_->OnMap(Map());
  ASSERT_TRUE(Commit({.remove = {"n4"}}, Map().epoch).error.ok());
  EXPECT_EQ(Map().change->summary, "remove n4");
  ASSERT_TRUE(Abort().error.ok());
  calls_.silent = {"n4"};

  ASSERT_TRUE(Commit({.remove = {"n4"}}, Map().epoch).error.ok());

  EXPECT_EQ(Map().change->summary, "remove dead n4");
}

TEST_F(ChangeAdminTest, OfTwoCommitsOfOnePlanTheSecondIsRefused) {
  const uint64_t epoch = Map().epoch;
  ASSERT_TRUE(Commit({.drain = {"n4"}}, epoch).error.ok());
  const ClusterMap begun = Map();

  EXPECT_EQ(Commit({.drain = {"n3"}}, epoch).error.reason, "EPOCH_MISMATCH");
  EXPECT_EQ(Commit({.drain = {"n3"}}, begun.epoch).error.reason, "CHANGE_UNDER_WAY");
  EXPECT_EQ(Commit({.drain = {"n3"}}, std::nullopt).error.reason, "CHANGE_UNDER_WAY");
  EXPECT_THAT(Plan({.drain = {"n3"}}).error.message, HasSubstr("\"drain n4\" is under way"));
  EXPECT_EQ(Map(), begun);
}

// Between the reading of the map and the compare-and-set.
TEST_F(ChangeAdminTest, ACommitThatAnotherCoordinatorOvertakesIsRefused) {
  for (const bool has_epoch : {true, false}) {
    const ClusterMap before = FourNodes();
    store_.Publish(before);
    const ClusterMap others = rebalance::MakePlan(before, {{rebalance::DrainNode{"n1"}}}, {})->next;
    store_.BeforeNextSet([&] { store_.Publish(others); });

    const CacheError error =
        Commit({.drain = {"n4"}}, has_epoch ? std::optional(before.epoch) : std::nullopt).error;

    EXPECT_EQ(error.reason, has_epoch ? "EPOCH_MISMATCH" : "CHANGE_UNDER_WAY");
    EXPECT_FALSE(error.outcome_unknown);
    EXPECT_EQ(Map(), others) << "the other one's stays";
  }
}

TEST_F(ChangeAdminTest, AbortWhereNothingIsUnderWayIsRefused) {
  const ClusterMap before = Map();

  EXPECT_EQ(Abort().error.reason, "NO_CHANGE");
  EXPECT_EQ(Abort(before.epoch).error.reason, "NO_CHANGE");
  EXPECT_EQ(Abort(before.epoch + 1).error.reason, "EPOCH_MISMATCH");
  EXPECT_EQ(Map(), before);
}

TEST_F(ChangeAdminTest, AbortOfAnotherEpochLeavesTheChangeAlone) {
  ASSERT_TRUE(Commit({.drain = {"n4"}}, Map().epoch).error.ok());
  const ClusterMap begun = Map();

  EXPECT_EQ(Abort(begun.epoch - 1).error.reason, "EPOCH_MISMATCH");
  EXPECT_EQ(Map(), begun);
  EXPECT_TRUE(Abort(begun.epoch).error.ok());
  EXPECT_FALSE(Map().change.has_value());
}

// From before the first copy has begun until all but the last is made.
TEST_F(ChangeAdminTest, AnAbortAtAnyStageLeavesAWholeClusterThatCanBeChangedAgain) {
  const uint32_t weight = Map().nodes[3].weight;
  const size_t total = topology::ReplicaCounts(Map())[3];
  for (const size_t left : {total, total - 1, total / 2, size_t{1}}) {
    ASSERT_TRUE(Commit({.drain = {"n4"}}, Map().epoch).error.ok());
    const uint64_t change_epoch = Map().epoch;
    admin_->OnMap(Map());
    ASSERT_EQ(MovesLeft(), total);
    LetMove(total - left);
    ASSERT_TRUE(DriveUntil([&] { return MovesLeft() == left; }));

    const ChangeResult result = Abort();

    ASSERT_TRUE(result.error.ok()) << result.error.message;
    const ClusterMap after = Map();
    EXPECT_FALSE(after.change.has_value());
    EXPECT_TRUE(topology::Validate(after).ok());
    for (const auto& entry : after.partitions) EXPECT_TRUE(entry.IsSettled());
    EXPECT_EQ(after.nodes[3].weight, weight);
    EXPECT_EQ(topology::ReplicaCounts(after)[3], left) << "what is not moved is n4's again";
    EXPECT_EQ(Rebalance().last_ended, (EndedChange{change_epoch, "drain n4", true}));
    EXPECT_EQ(Abort().error.reason, "NO_CHANGE") << "once is enough";

    calls_.never_whole.clear();
    ASSERT_TRUE(Commit({.drain = {"n4"}}, Map().epoch).error.ok());
    EXPECT_TRUE(DriveUntil([&] { return !Map().change.has_value(); }));
    EXPECT_EQ(topology::ReplicaCounts(Map())[3], 0u);
    EXPECT_FALSE(Rebalance().last_ended->was_aborted);
    ASSERT_TRUE(Commit({.weights = {{"n4", weight}}}, Map().epoch).error.ok());
    EXPECT_TRUE(DriveUntil([&] { return !Map().change.has_value(); }));
  }
}

TEST_F(ChangeAdminTest, AnAbortedAdditionLeavesTheNodeWithoutAShare) {
  admin_->OnMap(Map());
  ASSERT_TRUE(Commit({.add = {{.address = kFreeAddress}}}, Map().epoch).error.ok());

  ASSERT_TRUE(Abort().error.ok());

  const ClusterMap after = Map();
  ASSERT_EQ(after.nodes.size(), 5u);
  EXPECT_EQ(after.nodes[4].id, "n9");
  EXPECT_EQ(after.nodes[4].weight, 0u);
  ASSERT_TRUE(Commit({.weights = {{"n9", 100}}}, after.epoch).error.ok()) << "as OPERATIONS says";
}

// The driver has published meanwhile: that is no reason not to abort.
TEST_F(ChangeAdminTest, AnAbortWithoutAnEpochOvertakesTheDriver) {
  ASSERT_TRUE(Commit({.drain = {"n4"}}, Map().epoch).error.ok());
  store_.BeforeNextSet([&] {
    ClusterMap map = Map();
    ++map.epoch;
    store_.Publish(map);
  });

  EXPECT_TRUE(Abort().error.ok());
  EXPECT_FALSE(Map().change.has_value());
}

TEST_F(ChangeAdminTest, ANewDiskCannotBeGivenBack) {
  admin_->OnMap(Map());
  calls_.described["127.0.0.1:7001"] = {.node_id = "n1", .cluster_id = "c1", .incarnation = 77};
  ASSERT_TRUE(Commit({.replace = {{.dead_id = "n1"}}}, Map().epoch).error.ok());
  const ClusterMap begun = Map();

  const CacheError error = Abort().error;

  EXPECT_EQ(error.reason, "CHANGE_REFUSED");
  EXPECT_THAT(error.message, HasSubstr("nothing to go back to"));
  EXPECT_EQ(Map(), begun);
}

TEST_F(ChangeAdminTest, WithoutAMapTheStoreIsBlamed) {
  MemoryStore empty{std::nullopt};
  ChangeAdmin admin({loop_, empty, calls_, tasks_, *driver_});

  const auto planned = Await<ChangePlan>([&](auto done) { admin.Plan({.drain = {"n4"}}, done); });
  const auto committed =
      Await<ChangeResult>([&](auto done) { admin.Commit({.drain = {"n4"}}, 1, done); });
  const auto aborted = Await<ChangeResult>([&](auto done) { admin.Abort(std::nullopt, done); });

  for (const CacheError& error : {planned.error, committed.error, aborted.error}) {
    EXPECT_EQ(error.reason, "TOPOLOGY_UNAVAILABLE");
    EXPECT_EQ(error.code, kUnavailable);
    EXPECT_FALSE(error.outcome_unknown);
  }
  while (!admin.idle()) loop_.RunPosted();
}

TEST_F(ChangeAdminTest, OnceStoppedItRefusesAll) {
  const ClusterMap before = Map();
  admin_->Stop();

  EXPECT_EQ(Plan({.drain = {"n4"}}).error.reason, "SHUTTING_DOWN");
  EXPECT_EQ(Commit({.drain = {"n4"}}, before.epoch).error.reason, "SHUTTING_DOWN");
  EXPECT_EQ(Abort().error.reason, "SHUTTING_DOWN");
  EXPECT_EQ(Map(), before);
}

}  // namespace
}  // namespace quorumcache::service
