// SPDX-License-Identifier: Apache-2.0
// A whole storage node on loopback: streams, bounds, scan, health, HTTP, stopping.
#include "storage_node/service/storage_node.h"

#include <grpcpp/generic/generic_stub.h>

#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "quorumcache/internal/v1/replica.grpc.pb.h"
#include "tests/storage_node/service/node_fixture.h"

namespace quorumcache::node_service {
namespace {

using grpc::health::v1::HealthCheckResponse;
using model::ReplyStatus;
using testing::HasSubstr;

TEST_F(StorageNodeTest, WhatIsWrittenIsRead) {
  StartNode();
  ConnectClient();

  ASSERT_EQ(Set(1, "k", "value"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(1));
  ASSERT_EQ(Get(2, "k"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(2));

  EXPECT_EQ(replies_.received[0].second.status, ReplyStatus::kOk);
  ASSERT_TRUE(replies_.received[1].second.record.has_value());
  EXPECT_EQ(replies_.received[1].second.record->value, "value");
}

TEST_F(StorageNodeTest, AMapThatTheDiskRefusedIsTakenLater) {
  StartNode();
  ConnectClient();
  ASSERT_EQ(MetricOf("cache_topology_epoch"), 1);
  const auto ends = [](absl::Duration patience) { return absl::Now() + patience; };
  topology::ClusterMap map = BoundSmallMap();
  ++map.epoch;
  for (topology::PartitionEntry& entry : map.partitions) entry.epoch = 2;

  engine_.SetFull(true);
  store_.Publish(map);
  const auto refused = [&] { return !node_->status().Describe().empty(); };
  for (const absl::Time end = ends(absl::Seconds(10)); !refused() && absl::Now() < end;) {
  }
  EXPECT_TRUE(refused());
  EXPECT_EQ(MetricOf("cache_topology_epoch"), 1) << "what is not on the disk is not obeyed";
  engine_.SetFull(false);

  const auto taken = [&] { return MetricOf("cache_topology_epoch") == 2; };
  for (const absl::Time end = ends(absl::Seconds(30)); !taken() && absl::Now() < end;) {
  }
  EXPECT_TRUE(taken()) << "no newer map has come";
}

TEST_F(StorageNodeTest, AThousandConcurrentRequestsAreAllAnswered) {
  StartNode();
  ConnectClient();

  for (uint64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(Set(i, absl::StrCat("k", i % 100), "v"), ReplyStatus::kOk);
    ASSERT_EQ(Get(i, absl::StrCat("k", i % 100)), ReplyStatus::kOk);
    if (i % 37 == 0) loop_->RunOnce(base::MonotonicTime());
  }
  ASSERT_TRUE(AwaitReplies(2000));

  EXPECT_EQ(replies_.Count(ReplyStatus::kOk), 2000u);
}

TEST_F(StorageNodeTest, ANodeThatWasReplacedAnswersNothing) {
  topology::ClusterMap map = BoundSmallMap();
  map.nodes[0].incarnation = 99;  // replaced while it was away
  store_.Publish(map);
  StartNode();
  client_ = std::make_unique<rpc::BatchStreamClient>(*loop_, rpc::ClientOptions(address()));
  ASSERT_TRUE(rpc::TurnUntil({loop_.get()}, [&] { return client_->up(); }));

  ASSERT_EQ(Get(1, "k"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(1));

  EXPECT_EQ(replies_.received[0].second.status, ReplyStatus::kUnavailable);
  EXPECT_FALSE(node_->status().IsReady());
}

TEST_F(StorageNodeTest, AStaleEpochIsRefusedOnceANewMapIsOut) {
  StartNode();
  ConnectClient();
  topology::ClusterMap map = BoundSmallMap();
  map.epoch = 2;
  for (auto& partition : map.partitions) partition.epoch = 2;
  store_.Publish(map);

  // The engine thread takes the map before what comes later.
  ASSERT_EQ(Get(1, "k"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(1));

  EXPECT_EQ(replies_.received[0].second.status, ReplyStatus::kStaleEpoch);
}

TEST_F(StorageNodeTest, AStuckDiskDelaysRequestsAndNothingElse) {
  StartNode();
  ConnectClient();
  engine_.SetStuck(true);
  ASSERT_EQ(Set(1, "k", "v"), ReplyStatus::kOk);
  const base::MonotonicTime start = clock_.Read().monotonic;

  // Longer than the stall timeout: pings are answered by the loop.
  ASSERT_TRUE(rpc::TurnUntil(
      {loop_.get()}, [&] { return clock_.Read().monotonic - start > absl::Milliseconds(700); }));
  EXPECT_TRUE(client_->up()) << client_->health().last_error;
  EXPECT_TRUE(replies_.received.empty());
  engine_.SetStuck(false);

  ASSERT_TRUE(AwaitReplies(1));
  EXPECT_EQ(replies_.received[0].second.status, ReplyStatus::kOk);
}

TEST_F(StorageNodeTest, WhatWaitedTooLongBehindAStuckDiskIsNotExecuted) {
  StartNode();
  ConnectClient();
  engine_.SetStuck(true);
  ASSERT_EQ(Set(1, "k", "old"), ReplyStatus::kOk);
  loop_->RunOnce(base::MonotonicTime());
  // A second batch, which waits for the first one.
  const base::MonotonicTime start = clock_.Read().monotonic;
  ASSERT_TRUE(rpc::TurnUntil(
      {loop_.get()}, [&] { return clock_.Read().monotonic - start > absl::Milliseconds(100); }));
  ASSERT_EQ(Set(2, "k", "new", /*timeout_ms=*/1), ReplyStatus::kOk);
  const base::MonotonicTime sent = clock_.Read().monotonic;
  ASSERT_TRUE(rpc::TurnUntil(
      {loop_.get()}, [&] { return clock_.Read().monotonic - sent > absl::Milliseconds(100); }));
  engine_.SetStuck(false);
  ASSERT_TRUE(AwaitReplies(2));
  ASSERT_EQ(Get(3, "k"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(3));

  EXPECT_EQ(replies_.received[1].second.status, ReplyStatus::kExpired);
  EXPECT_EQ(replies_.received[2].second.record->value, "old");
}

TEST_F(StorageNodeTest, AFullQueueShedsAtOnce) {
  StartNode({.batches_max = 2});
  ConnectClient();
  engine_.SetStuck(true);

  for (uint64_t i = 0; i < 6; ++i) {
    ASSERT_EQ(Set(i, "k", "v"), ReplyStatus::kOk);
    const base::MonotonicTime start = clock_.Read().monotonic;
    ASSERT_TRUE(rpc::TurnUntil(
        {loop_.get()}, [&] { return clock_.Read().monotonic - start > absl::Milliseconds(10); }));
  }
  ASSERT_TRUE(AwaitReplies(4));
  EXPECT_EQ(replies_.Count(ReplyStatus::kOverloaded), 4u);
  engine_.SetStuck(false);
  ASSERT_TRUE(AwaitReplies(6));

  EXPECT_EQ(replies_.Count(ReplyStatus::kOk), 2u);
}

TEST_F(StorageNodeTest, StoppingAnswersWhatIsUnderWay) {
  StartNode();
  ConnectClient();
  for (uint64_t i = 0; i < 100; ++i) ASSERT_EQ(Set(i, absl::StrCat(i), "v"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(1));

  std::thread stopper([this] { node_->Stop(); });
  const bool broken = rpc::TurnUntil({loop_.get()}, [&] { return !client_->up(); });
  stopper.join();

  EXPECT_TRUE(broken);
  EXPECT_EQ(replies_.Count(ReplyStatus::kOk), 100u);
}

// Bytes that are no protobuf, on a stream that has said hello.
TEST_F(StorageNodeTest, MalformedBytesEndTheStreamAndNothingElse) {
  StartNode();
  ConnectClient();
  const auto channel = rpc::MakeChannel(address(), rpc::StreamChannelArguments());
  struct Peer final : rpc::StreamConnection::Owner {
    void OnConnected() override { is_writable = true; }
    void OnMessage(absl::string_view bytes) override { ++messages; }
    void OnWritten() override { is_writable = true; }
    void OnBroken(const absl::Status& status) override { broken = status; }
    bool is_writable = false;
    int messages = 0;
    absl::Status broken;
  } peer;
  auto* connection = rpc::StreamConnection::Start(*loop_, channel, peer);
  const auto write = [&](std::string bytes) {
    ASSERT_TRUE(rpc::TurnUntil({loop_.get()}, [&] { return peer.is_writable; }));
    peer.is_writable = false;
    connection->Write(std::move(bytes));
  };
  std::string hello;
  wire::AppendHello({.cluster_id = "c1", .sender = "x"}, &hello);

  write(hello);
  write(std::string(100, '\xFF'));
  ASSERT_TRUE(rpc::TurnUntil({loop_.get()}, [&] { return !peer.broken.ok(); }));

  EXPECT_EQ(peer.broken.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(Get(1, "k"), ReplyStatus::kOk);
  EXPECT_TRUE(AwaitReplies(1));
}

TEST_F(StorageNodeTest, ScanGivesAPartitionsRows) {
  StartNode();
  ConnectClient();
  for (uint64_t i = 0; i < 40; ++i) ASSERT_EQ(Set(i, absl::StrCat("k", i), "v"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(40));
  const auto stub = internal::v1::ReplicaService::NewStub(client_->channel());

  int rows = 0;
  for (uint32_t partition = 0; partition < 16; ++partition) {
    internal::v1::ScanPartitionRequest request;
    request.set_partition(partition);
    request.set_epoch(1);
    request.set_incarnation(kIncarnation);
    request.set_include_values(true);
    grpc::ClientContext context;
    internal::v1::ScanPartitionResponse response;
    const grpc::Status status = stub->ScanPartition(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(response.complete());
    rows += response.rows_size();
    for (const auto& row : response.rows()) EXPECT_EQ(row.record().value(), "v");
  }

  EXPECT_EQ(rows, 40);
}

TEST_F(StorageNodeTest, ScanOfAnotherIncarnationIsRefused) {
  StartNode();
  ConnectClient();
  const auto stub = internal::v1::ReplicaService::NewStub(client_->channel());
  internal::v1::ScanPartitionRequest request;
  request.set_epoch(1);
  request.set_incarnation(kIncarnation + 1);
  grpc::ClientContext context;
  internal::v1::ScanPartitionResponse response;

  EXPECT_EQ(stub->ScanPartition(&context, request, &response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(StorageNodeTest, GarbageStepsAreExecutedInTheBackground) {
  StartNode();
  ConnectClient();
  for (uint64_t i = 0; i < 40; ++i) ASSERT_EQ(Set(i, absl::StrCat("k", i), "v"), ReplyStatus::kOk);
  ASSERT_TRUE(AwaitReplies(40));
  const auto stub = internal::v1::ReplicaService::NewStub(client_->channel());

  uint64_t entries = 0;
  for (uint32_t partition = 0; partition < 16; ++partition) {
    internal::v1::CollectGarbageRequest request;
    request.set_step(internal::v1::GARBAGE_STEP_DIGEST);
    request.set_partition(partition);
    request.set_epoch(1);
    request.set_incarnation(kIncarnation);
    request.mutable_floor()->set_epoch(1);
    request.mutable_floor()->set_hlc(model::HlcFromMillis(clock_.Read().wall_ms));
    grpc::ClientContext context;
    internal::v1::CollectGarbageResponse response;
    const grpc::Status status = stub->CollectGarbage(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(response.complete());
    entries += response.digest_count();
  }

  EXPECT_GT(entries, 0u);
  EXPECT_LE(entries, 40u);
}

TEST_F(StorageNodeTest, GarbageStepOfAnotherIncarnationOrEpochIsRefused) {
  StartNode();
  ConnectClient();
  const auto stub = internal::v1::ReplicaService::NewStub(client_->channel());
  internal::v1::CollectGarbageRequest request;
  request.set_step(internal::v1::GARBAGE_STEP_RAISE_FLOOR);
  request.set_epoch(1);
  request.set_incarnation(kIncarnation + 1);
  const auto call = [&] {
    grpc::ClientContext context;
    internal::v1::CollectGarbageResponse response;
    return stub->CollectGarbage(&context, request, &response);
  };

  EXPECT_EQ(call().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(call().error_message(), HasSubstr("incarnation"));
  request.set_incarnation(kIncarnation);
  request.set_epoch(0);
  EXPECT_EQ(call().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(call().error_message(), HasSubstr("epoch"));
  request.set_epoch(1);
  EXPECT_TRUE(call().ok());
}

// n2 and n3 of the map do not exist: rounds are tried, and given up.
TEST_F(StorageNodeTest, PassesGoOnWhilePeersAreDown) {
  garbage_.interval = absl::Milliseconds(20);
  topology::ClusterMap map = BoundSmallMap();
  map.nodes[1].incarnation = map.nodes[2].incarnation = 5;
  store_.Publish(map);
  StartNode();

  while (MetricOf("cache_garbage_rounds_total{result=\"replica_down\"}") < 2) {
    std::this_thread::yield();
  }

  EXPECT_GE(MetricOf("cache_garbage_passes_total"), 1);
  EXPECT_GT(MetricOf("cache_garbage_waiting_partitions{reason=\"replica_down\"}"), 0);
  EXPECT_EQ(MetricOf("cache_garbage_rounds_total{result=\"dropped\"}"), 0);
}

HealthCheckResponse::ServingStatus CheckHealth(const std::string& address) {
  const auto stub =
      grpc::health::v1::Health::NewStub(rpc::MakeChannel(address, rpc::BaseChannelArguments()));
  grpc::ClientContext context;
  HealthCheckResponse response;
  EXPECT_TRUE(stub->Check(&context, {}, &response).ok());
  return response.status();
}

TEST_F(StorageNodeTest, HealthFollowsTheMap) {
  StartNode();
  ConnectClient();
  while (CheckHealth(address()) != HealthCheckResponse::SERVING) std::this_thread::yield();
  topology::ClusterMap map = BoundSmallMap();
  map.epoch = 2;
  map.nodes[0].incarnation = 99;

  store_.Publish(map);
  while (CheckHealth(address()) != HealthCheckResponse::NOT_SERVING) std::this_thread::yield();

  EXPECT_THAT(node_->status().Describe().at(0), HasSubstr("another data directory"));
}

TEST_F(StorageNodeTest, APortInUseIsAnErrorThatNamesIt) {
  StartNode();
  const auto second = rpc::Server::Start({.listen_address = address()});

  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("Address already in use"));
}

TEST_F(StorageNodeTest, EveryMetricIsThereFromTheStart) {
  StartNode();
  ConnectClient();

  const std::string text = registry_.RenderText();

  for (const char* name :
       {"cache_entries", "cache_read_only 0", "cache_replica_streams 1", "cache_topology_epoch 1",
        "cache_replica_requests_total{kind=\"prepare\"} 0", "cache_replica_batch_latency_seconds",
        "cache_expirations_total 0", "cache_tombstones_dropped_total 0", "cache_garbage_entries 0",
        "cache_garbage_bytes 0", "cache_garbage_oldest_seconds 0",
        "cache_garbage_overdue_partitions 0", "cache_garbage_rounds_total{result=\"dropped\"} 0",
        "cache_garbage_rounds_total{result=\"map_changed\"} 0",
        "cache_garbage_waiting_partitions{reason=\"replica_down\"} 0",
        "cache_garbage_waiting_partitions{reason=\"unsettled\"} 0"}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace quorumcache::node_service
