// SPDX-License-Identifier: Apache-2.0
// The whole coordinator's beginning and end, as callers see them. No storage node answers: each
// request gets its refusal at once, which is all that matters here.
#include "coordinator/service/coordinator.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/metrics/registry.h"
#include "common/rpc/grpc_status.h"
#include "common/runtime/real_clock.h"
#include "common/topology/topology_store.h"
#include "quorumcache/v1/cache.grpc.pb.h"
#include "tests/coordinator/service/test_view.h"

namespace quorumcache::service {
namespace {

// Has one map and keeps it.
class OneMap final : public topology::TopologyStore {
 public:
  absl::Status Create(const topology::ClusterMap& map) override {
    map_ = map;
    return absl::OkStatus();
  }
  absl::StatusOr<topology::ClusterMap> Read() override { return map_; }
  absl::Status CompareAndSet(uint64_t, const topology::ClusterMap&) override {
    return absl::UnavailableError("not here");
  }
  absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> Watch(
      topology::TopologyCallback callback) override {
    callback(map_);
    return std::make_unique<NoWatch>();
  }
  absl::StatusOr<std::unique_ptr<topology::TopologyLease>> TryAcquireLease(
      absl::string_view) override {
    return absl::UnavailableError("not here");
  }

 private:
  class NoWatch final : public topology::TopologyWatch {
   public:
    absl::Duration Age() const override { return absl::ZeroDuration(); }
  };
  topology::ClusterMap map_;
};

class CoordinatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    topology::ClusterMap map = MakeTestView(1)->map();
    // Nobody listens on port 1.
    for (topology::Node& node : map.nodes) node.address = "127.0.0.1:1";
    map.nodes[1].address = "127.0.0.2:1";
    map.nodes[2].address = "127.0.0.3:1";
    ASSERT_TRUE(store_.Create(map).ok());
    CoordinatorOptions options;
    options.name = "test";
    options.listen_address = "127.0.0.1:0";
    options.seed = 1;
    auto started = Coordinator::Start(options, store_, clock_, metrics_);
    ASSERT_TRUE(started.ok()) << started.status();
    coordinator_ = *std::move(started);
    coordinator_->WaitUntilOpen();
  }

  std::shared_ptr<grpc::Channel> NewChannel(int number) const {
    // Channels with equal arguments would share a connection.
    grpc::ChannelArguments arguments;
    arguments.SetInt("qc.test.number", number);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(coordinator_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  OneMap store_;
  runtime::RealClock clock_;
  metrics::Registry registry_;
  CoordinatorMetrics metrics_{registry_};
  std::unique_ptr<Coordinator> coordinator_;
};

TEST_F(CoordinatorTest, CallersHearWhyWhenItStops) {
  constexpr int kCallers = 8;
  std::atomic<int> calling{0};
  std::atomic<int> told{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const auto stub = v1::CacheService::NewStub(NewChannel(i));
      for (bool first = true;; first = false) {
        grpc::ClientContext context;
        v1::SetRequest request;
        v1::SetResponse response;
        request.set_key("k");
        const grpc::Status status = stub->Set(&context, request, &response);
        if (first) ++calling;
        const auto details = rpc::ParseErrorDetails(status);
        // Too late even to connect: nothing was sent, and gRPC itself says so.
        if (absl::StrContains(status.error_message(), "failed to connect")) return;
        ASSERT_TRUE(details.has_value())
            << "a bare " << status.error_code() << ": " << status.error_message();
        ASSERT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
        if (details->reason != "SHUTTING_DOWN") continue;
        ++told;
        return;  // as a client does: it goes to another coordinator
      }
    });
  }
  while (calling < kCallers) std::this_thread::yield();

  coordinator_->Shutdown(absl::Seconds(20));

  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(told, 0);
}

TEST_F(CoordinatorTest, PipelineThatWaitsIsToldThatItStops) {
  const auto stub = v1::CacheService::NewStub(NewChannel(0));
  grpc::ClientContext context;
  const auto stream = stub->Pipeline(&context);
  v1::PipelineRequest request;
  request.add_operations()->mutable_get()->set_key("k");
  ASSERT_TRUE(stream->Write(request));
  v1::PipelineResponse response;
  ASSERT_TRUE(stream->Read(&response));

  std::thread stopper([this] { coordinator_->Shutdown(absl::Seconds(20)); });
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  stopper.join();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto details = rpc::ParseErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "SHUTTING_DOWN");
}

TEST_F(CoordinatorTest, StopsWithStreamsThatNobodyEnds) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReaderWriter<v1::PipelineRequest, v1::PipelineResponse>>>
      streams;
  const auto stub = v1::CacheService::NewStub(NewChannel(0));
  for (int i = 0; i < 20; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub->Pipeline(contexts.back().get()));
    v1::PipelineRequest request;
    for (int k = 0; k < 50; ++k) request.add_operations()->mutable_get()->set_key("k");
    streams.back()->Write(request);
    if (i % 2 == 0) contexts.back()->TryCancel();
  }

  coordinator_->Shutdown(absl::ZeroDuration());

  // Finish waits for messages that were never read, unless the stream is cancelled.
  for (size_t i = 0; i < streams.size(); ++i) {
    contexts[i]->TryCancel();
    (void)streams[i]->Finish();
  }
}

}  // namespace
}  // namespace quorumcache::service
