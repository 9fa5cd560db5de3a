// SPDX-License-Identifier: Apache-2.0
// The doors that nodes and coordinators move partitions through, of a whole storage node; and what
// becomes of calls that are under way when it stops.
#include "storage_node/transfer/transfer_doors.h"

#include <future>
#include <thread>

#include "common/rpc/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage_node/service/node_fixture.h"

namespace quorumcache::node_service {
namespace {

using internal::v1::TransferService;

class TransferDoorsTest : public StorageNodeTest {
 protected:
  void Start() {
    StartNode();
    ConnectClient();
    stub_ = TransferService::NewStub(rpc::MakeChannel(address(), rpc::BaseChannelArguments()));
  }
  // One blocking call.
  template <typename Request, typename Response>
  grpc::StatusCode Call(grpc::Status (TransferService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                        const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return ((*stub_).*method)(&context, request, response).error_code();
  }
  // The first page of partition 0, of an entry so new that the node has to write its epoch down.
  grpc::StatusCode PullNew(internal::v1::PullPartitionResponse* response) {
    internal::v1::PullPartitionRequest request;
    request.set_epoch(9);
    request.set_ballot_floor_epoch(9);
    request.set_incarnation(kIncarnation);
    return Call(&TransferService::Stub::PullPartition, request, response);
  }

  std::unique_ptr<TransferService::Stub> stub_;
};

TEST_F(TransferDoorsTest, ANodeDescribesItselfToAnybody) {
  Start();
  internal::v1::DescribeResponse response;

  EXPECT_EQ(Call(&TransferService::Stub::Describe, internal::v1::DescribeRequest(), &response),
            grpc::StatusCode::OK);

  EXPECT_EQ(response.node_id(), "n1");
  EXPECT_EQ(response.cluster_id(), "c1");
  EXPECT_EQ(response.incarnation(), kIncarnation);
}

TEST_F(TransferDoorsTest, QuestionsForAnotherIncarnationAreRefused) {
  Start();
  internal::v1::JoinStatusRequest joins;
  joins.set_incarnation(99);
  internal::v1::JoinStatusResponse joins_response;
  internal::v1::PartitionEpochsRequest epochs;
  epochs.set_incarnation(99);
  internal::v1::PartitionEpochsResponse epochs_response;
  internal::v1::PullPartitionRequest pull;
  pull.set_incarnation(99);
  internal::v1::PullPartitionResponse page;

  EXPECT_EQ(Call(&TransferService::Stub::JoinStatus, joins, &joins_response),
            grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Call(&TransferService::Stub::PartitionEpochs, epochs, &epochs_response),
            grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Call(&TransferService::Stub::PullPartition, pull, &page), grpc::StatusCode::OK);
  EXPECT_EQ(page.status(), static_cast<uint32_t>(model::ReplyStatus::kWrongNode));
}

TEST_F(TransferDoorsTest, EpochsAndSizesAreOfThePartitionsThereAre) {
  Start();
  internal::v1::PartitionEpochsRequest epochs;
  epochs.set_incarnation(kIncarnation);
  for (const uint32_t partition : {0u, 15u, 16u, 4'000'000'000u}) epochs.add_partitions(partition);
  internal::v1::PartitionEpochsResponse known;
  internal::v1::PartitionSizesRequest sizes;
  sizes.set_incarnation(kIncarnation);
  internal::v1::PartitionSizesResponse bytes;

  EXPECT_EQ(Call(&TransferService::Stub::PartitionEpochs, epochs, &known), grpc::StatusCode::OK);
  EXPECT_THAT(known.epochs(), testing::ElementsAre(1, 1, 0, 0));
  EXPECT_EQ(Call(&TransferService::Stub::PartitionSizes, sizes, &bytes), grpc::StatusCode::OK);
  EXPECT_EQ(bytes.bytes_size(), 16);
}

TEST_F(TransferDoorsTest, APullOfAPartitionThatIsNotThereIsRefused) {
  Start();
  internal::v1::PullPartitionRequest pull;
  pull.set_partition(4'000'000'000u);
  pull.set_incarnation(kIncarnation);
  internal::v1::PullPartitionResponse page;

  EXPECT_EQ(Call(&TransferService::Stub::PullPartition, pull, &page), grpc::StatusCode::OK);
  EXPECT_NE(page.status(), static_cast<uint32_t>(model::ReplyStatus::kOk));
}

TEST_F(TransferDoorsTest, APullFencesAndIsAnsweredThoughTheNodeStopsMeanwhile) {
  Start();
  engine_.SetStuck(true);
  internal::v1::PullPartitionResponse page;
  auto pull = std::async(std::launch::async, [&] { return PullNew(&page); });
  engine_.AwaitStuckWrite();

  auto stop = std::async(std::launch::async, [&] { node_->Stop(); });
  const auto is_stopping = [&] { return !node_->status().IsReady(); };
  while (!is_stopping()) std::this_thread::yield();
  engine_.SetStuck(false);

  stop.get();
  EXPECT_THAT(pull.get(), testing::AnyOf(grpc::StatusCode::OK, grpc::StatusCode::UNAVAILABLE));
}

TEST_F(TransferDoorsTest, ANodeStopsUnderManyCallers) {
  Start();
  std::vector<std::thread> callers;
  std::atomic<bool> is_over = false;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!is_over) {
        internal::v1::PullPartitionResponse page;
        PullNew(&page);
      }
    });
  }
  internal::v1::PullPartitionResponse page;
  EXPECT_EQ(PullNew(&page), grpc::StatusCode::OK);

  node_->Stop();

  is_over = true;
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace quorumcache::node_service
