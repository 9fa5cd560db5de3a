// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_doors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/service/door_harness.h"
#include "tests/coordinator/service/test_view.h"

namespace quorumcache::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class NoScans final : public ScanClient {
 public:
  void ScanPartition(LinkId, internal::v1::ScanPartitionRequest, absl::Duration,
                     ScanCallback done) override {
    internal::v1::ScanPartitionResponse response;
    done(absl::UnavailableError("none"), response);
  }
};

class ChangeDoorsTest : public ::testing::Test {
 protected:
  ChangeDoorsTest()
      : harness_(MakeTestView(1), scans_),
        cluster_(v1::ClusterService::NewStub(harness_.NewChannel())) {}

  NoScans scans_;
  DoorHarness harness_;
  std::unique_ptr<v1::ClusterService::Stub> cluster_;
  grpc::ClientContext context_;
};

TEST_F(ChangeDoorsTest, PlanCarriesTheWholeChangeAndItsAnswer) {
  ChangePlan plan;
  plan.epoch = 7;
  plan.nodes = {{.id = "n4", .replicas_after = 192, .is_new = true}};
  plan.bytes_to_move = 5;
  harness_.admin().SetPlan(plan);
  v1::PlanChangeRequest request;
  request.mutable_change()->add_add()->set_address("h:1");
  request.mutable_change()->add_drain("n1");
  v1::ReplaceNode& replace = *request.mutable_change()->add_replace();
  replace.set_dead_id("n2");
  replace.mutable_with()->set_address("h:2");
  v1::SetWeight& weight = *request.mutable_change()->add_set_weight();
  weight.set_node_id("n3");
  weight.set_weight(50);

  v1::PlanChangeResponse response;
  ASSERT_TRUE(cluster_->PlanChange(&context_, request, &response).ok());

  EXPECT_EQ(response.epoch(), 7u);
  EXPECT_EQ(response.nodes(0).replicas_after(), 192u);
  EXPECT_TRUE(response.nodes(0).is_new());
  EXPECT_EQ(response.bytes_to_move(), 5u);
  const ClusterChange change = harness_.admin().last_change();
  EXPECT_EQ(change.add.at(0).address, "h:1");
  EXPECT_THAT(change.drain, ElementsAre("n1"));
  EXPECT_EQ(change.replace.at(0).with.address, "h:2");
  EXPECT_EQ(change.weights.at(0).weight, 50u);
}

TEST_F(ChangeDoorsTest, CommitIsForTheEpochOfItsPlan) {
  ChangeResult running;
  running.rebalance.state = RebalanceState::kRunning;
  running.rebalance.epoch = 8;
  running.rebalance.replicas_total = 10;
  harness_.admin().SetResult(running);
  v1::CommitChangeRequest request;
  request.set_epoch(7);

  v1::CommitChangeResponse response;
  ASSERT_TRUE(cluster_->CommitChange(&context_, request, &response).ok());

  EXPECT_EQ(response.epoch(), 8u);
  EXPECT_EQ(response.rebalance().state(), v1::REBALANCE_STATE_RUNNING);
  EXPECT_EQ(response.rebalance().replicas_total(), 10u);
  EXPECT_THAT(harness_.admin().epochs(), ElementsAre(Optional(7u)));
}

TEST_F(ChangeDoorsTest, ARefusalCarriesReasonAndOutcome) {
  ChangeResult refused;
  refused.error.code = absl::StatusCode::kFailedPrecondition;
  refused.error.reason = "CHANGE_UNDER_WAY";
  refused.error.message = "add n4 is under way";
  harness_.admin().SetResult(refused);
  v1::CommitChangeResponse response;

  const grpc::Status status =
      cluster_->CommitChange(&context_, v1::CommitChangeRequest(), &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("add n4"));
  EXPECT_THAT(status.error_details(), HasSubstr("CHANGE_UNDER_WAY"));
  EXPECT_THAT(status.error_details(), HasSubstr("not_applied"));
}

TEST_F(ChangeDoorsTest, AnAbortWithoutEpochIsForWhateverIsThere) {
  v1::AbortChangeResponse response;

  ASSERT_TRUE(cluster_->AbortChange(&context_, v1::AbortChangeRequest(), &response).ok());

  EXPECT_THAT(harness_.admin().epochs(), ElementsAre(testing::Eq(std::nullopt)));
}

TEST_F(ChangeDoorsTest, RebalanceShowsTransfersAndTimeLeft) {
  ChangeResult running;
  running.rebalance.time_left = absl::Seconds(90);
  running.rebalance.transfers = {{.partition = 3, .from = "n1", .to = "n4", .bytes = 10}};
  harness_.admin().SetResult(running);
  v1::GetRebalanceResponse response;

  ASSERT_TRUE(cluster_->GetRebalance(&context_, v1::GetRebalanceRequest(), &response).ok());

  EXPECT_EQ(response.rebalance().time_left().seconds(), 90);
  EXPECT_EQ(response.rebalance().transfers(0).to(), "n4");
}

TEST_F(ChangeDoorsTest, AWatchTellsEveryStateUntilTheClientHangsUp) {
  auto reader = cluster_->WatchCluster(&context_, v1::WatchClusterRequest());
  harness_.admin().WaitForWatchers(1);
  v1::WatchClusterResponse response;

  harness_.admin().Tell({.epoch = 5, .nodes = 3, .nodes_up = 2});
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.epoch(), 5u);
  EXPECT_EQ(response.nodes_up(), 2u);
  harness_.admin().Tell({.epoch = 6});
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.epoch(), 6u);

  context_.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  harness_.admin().WaitForWatchers(0);
}

TEST_F(ChangeDoorsTest, ASlowWatcherSkipsStatesButNotTheLast) {
  auto reader = cluster_->WatchCluster(&context_, v1::WatchClusterRequest());
  harness_.admin().WaitForWatchers(1);
  constexpr uint64_t kLast = 2000;

  for (uint64_t epoch = 1; epoch <= kLast; ++epoch) harness_.admin().Tell({.epoch = epoch});

  v1::WatchClusterResponse response;
  uint64_t last = 0;
  while (last != kLast && reader->Read(&response)) {
    EXPECT_GT(response.epoch(), last);
    last = response.epoch();
  }
  EXPECT_EQ(last, kLast);
  context_.TryCancel();
  reader->Finish();
}

TEST_F(ChangeDoorsTest, WatchesEndWhenTheServerStops) {
  auto reader = cluster_->WatchCluster(&context_, v1::WatchClusterRequest());
  harness_.admin().WaitForWatchers(1);

  harness_.OnLoop([this] { harness_.front().Close(); });

  v1::WatchClusterResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace quorumcache::service
