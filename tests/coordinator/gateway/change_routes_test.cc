// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;
using service::ChangePlan;
using service::ChangeResult;
using service::ClusterChange;
using service::RebalanceState;
using testing::ElementsAre;
using testing::Optional;

class ChangeRoutesTest : public GatewayFixture {
 protected:
  ChangeRoutesTest() {
    ChangeResult running;
    running.rebalance.state = RebalanceState::kRunning;
    running.rebalance.epoch = 8;
    running.rebalance.description = "add n4";
    running.rebalance.replicas_total = 10;
    running.rebalance.replicas_done = 4;
    running.rebalance.time_left = absl::Seconds(90);
    running.rebalance.transfers = {{.partition = 7, .from = "n1", .to = "n4", .bytes = 100}};
    admin_.SetResult(running);
  }

  void FailWith(absl::StatusCode code, const char* reason) {
    ChangeResult failed;
    failed.error.code = code;
    failed.error.reason = reason;
    admin_.SetResult(failed);
  }
};

TEST_F(ChangeRoutesTest, PlanSaysWhoHoldsWhatBeforeAndAfter) {
  ChangePlan plan;
  plan.epoch = 7;
  plan.nodes = {{.id = "n4", .address = "h:1", .replicas_after = 192, .replicas_gained = 192}};
  plan.replicas_to_move = 192;
  plan.bytes_to_move = 1000;
  admin_.SetPlan(plan);

  const RawResponse answer =
      Post("/v1/cluster/changes:plan",
           R"({"add":[{"address":"h:1","zone":"b","weight":50,"id":"n4"}],"drain":["n1"],
          "replace":[{"dead":"n2","address":"h:2"}],"weights":{"n3":200},"zones":{"n3":"c"}})");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(JsonOf(answer).at("epoch"), 7);
  EXPECT_EQ(JsonOf(answer).at("nodes").at(0).at("replicas_after"), 192);
  EXPECT_EQ(JsonOf(answer).at("bytes_to_move"), 1000);
  const ClusterChange change = admin_.last_change();
  EXPECT_EQ(change.add.at(0).address, "h:1");
  EXPECT_EQ(change.add.at(0).zone, "b");
  EXPECT_EQ(change.add.at(0).weight, 50u);
  EXPECT_EQ(change.add.at(0).id, "n4");
  EXPECT_THAT(change.drain, ElementsAre("n1"));
  EXPECT_EQ(change.replace.at(0).dead_id, "n2");
  EXPECT_EQ(change.replace.at(0).with.address, "h:2");
  EXPECT_EQ(change.weights.at(0).weight, 200u);
  EXPECT_EQ(change.zones.at(0).zone, "c");
}

TEST_F(ChangeRoutesTest, CommitNamesItsEpochAndIsAcceptedWhileItRuns) {
  const RawResponse answer = Post("/v1/cluster/changes:commit", R"({"epoch":7,"remove":["n1"]})");

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(JsonOf(answer).at("state"), "running");
  EXPECT_EQ(JsonOf(answer).at("seconds_left"), 90);
  EXPECT_EQ(JsonOf(answer).at("transfers").at(0).at("to"), "n4");
  EXPECT_THAT(admin_.epochs(), ElementsAre(Optional(7u)));
  EXPECT_THAT(admin_.last_change().remove, ElementsAre("n1"));
}

TEST_F(ChangeRoutesTest, ACommitWithoutItsEpochIsRefused) {
  const RawResponse answer = Post("/v1/cluster/changes:commit", R"({"remove":["n1"]})");

  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(CodeOf(answer), "EPOCH_MISSING");
  EXPECT_TRUE(admin_.epochs().empty());
}

TEST_F(ChangeRoutesTest, MalformedChangesAreRefusedBeforeAnythingIsAsked) {
  for (const char* body :
       {"", "[]", R"({"ad":[]})", R"({"add":{}})", R"({"add":["h:1"]})", R"({"add":[{}]})",
        R"({"add":[{"address":"h:1","weight":-1}]})", R"({"add":[{"address":"h:1","port":1}]})",
        R"({"drain":"n1"})", R"({"drain":[1]})", R"({"weights":{"n1":"2"}})",
        R"({"weights":{"n1":10001}})", R"({"zones":{"n1":1}})", R"({"epoch":"7"})"}) {
    EXPECT_EQ(CodeOf(Post("/v1/cluster/changes:commit", body)), "JSON_INVALID") << body;
  }
  EXPECT_TRUE(admin_.epochs().empty());
}

TEST_F(ChangeRoutesTest, AbortTakesAnEpochOrNone) {
  EXPECT_EQ(Post("/v1/cluster/changes:abort", "").status, 202);
  EXPECT_EQ(Post("/v1/cluster/changes:abort", R"({"epoch":9})").status, 202);

  EXPECT_THAT(admin_.epochs(), ElementsAre(testing::Eq(std::nullopt), Optional(9u)));
}

TEST_F(ChangeRoutesTest, ChangesSaysHowFarItIs) {
  const boost::json::object answer = JsonOf(Get("/v1/cluster/changes"));

  EXPECT_EQ(answer.at("description"), "add n4");
  EXPECT_EQ(answer.at("replicas_done"), 4);
  EXPECT_EQ(answer.at("replicas_total"), 10);
}

TEST_F(ChangeRoutesTest, RefusedChangesAreConflictsAndUnknownNodesNotFound) {
  FailWith(absl::StatusCode::kFailedPrecondition, "EPOCH_MISMATCH");
  EXPECT_EQ(Post("/v1/cluster/changes:commit", R"({"epoch":1,"drain":["n1"]})").status, 409);
  FailWith(absl::StatusCode::kFailedPrecondition, "TOO_FEW_NODES");
  EXPECT_EQ(Post("/leave?node=n1", "").status, 409);
  FailWith(absl::StatusCode::kNotFound, "NODE_NOT_FOUND");
  EXPECT_EQ(Post("/leave?node=n9", "").status, 404);
  FailWith(absl::StatusCode::kUnavailable, "NODE_UNREACHABLE");
  EXPECT_EQ(Post("/join", R"({"node":"127.0.0.1:1"})").status, 503);
}

TEST_F(ChangeRoutesTest, OriginsJoinAddsAtOnce) {
  const RawResponse answer = Post("/join", R"({"node":"127.0.0.1:7403"})");

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(admin_.last_change().add.at(0).address, "127.0.0.1:7403");
  EXPECT_THAT(admin_.epochs(), ElementsAre(testing::Eq(std::nullopt)));
}

TEST_F(ChangeRoutesTest, OriginsLeaveRemovesAtOnceAndIs200WhenThereIsNothingToMove) {
  admin_.SetResult(ChangeResult());

  EXPECT_EQ(Post("/leave?node=127.0.0.1:7403", "").status, 200);

  EXPECT_THAT(admin_.last_change().remove, ElementsAre("127.0.0.1:7403"));
  EXPECT_EQ(CodeOf(Post("/leave", "")), "NODE_INVALID");
  EXPECT_EQ(CodeOf(Post("/join", "{}")), "JSON_INVALID");
}

TEST_F(ChangeRoutesTest, EventsStreamEveryChangeUntilTheClientHangsUp) {
  client_->Send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
  admin_.WaitForWatchers(1);

  admin_.Tell({.epoch = 5, .nodes = 3, .nodes_up = 2});
  admin_.Tell({.epoch = 6, .nodes = 3, .nodes_up = 3});

  EXPECT_EQ(client_->ReadHead().value().headers.at("content-type"), "text/event-stream");
  EXPECT_TRUE(client_->ReadUntil("event: cluster\ndata: {\"epoch\":5,\"nodes\":3,\"nodes_up\":2"));
  EXPECT_TRUE(client_->ReadUntil("\"epoch\":6"));
  client_.reset();
  admin_.WaitForWatchers(0);
}

}  // namespace
}  // namespace quorumcache::gateway
