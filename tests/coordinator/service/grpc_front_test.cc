// SPDX-License-Identifier: Apache-2.0
// The doors as clients see them, over a real connection.
#include "coordinator/service/grpc_front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "common/rpc/grpc_status.h"
#include "coordinator/service/call_deadline.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "quorumcache/v1/cache.grpc.pb.h"
#include "quorumcache/v1/cluster.grpc.pb.h"
#include "tests/coordinator/service/door_harness.h"
#include "tests/coordinator/service/test_view.h"

namespace quorumcache::service {
namespace {

using ::testing::HasSubstr;

// Every partition holds one key, named after it; a page has one row.
class OneKeyPerPartition final : public ScanClient {
 public:
  void ScanPartition(LinkId link, internal::v1::ScanPartitionRequest request,
                     absl::Duration timeout, ScanCallback done) override {
    internal::v1::ScanPartitionResponse response;
    response.set_complete(true);
    internal::v1::ScanRow& row = *response.add_rows();
    row.set_key("key" + std::to_string(request.partition()));
    row.set_engine_key(row.key());
    row.mutable_accepted()->set_hlc(1);
    row.mutable_record()->set_state(1);
    if (row.engine_key() <= request.after()) response.clear_rows();
    done(absl::OkStatus(), response);
  }
};

class GrpcFrontTest : public ::testing::Test {
 protected:
  GrpcFrontTest()
      : harness_(MakeTestView(1), scans_),
        channel_(harness_.NewChannel()),
        cache_(v1::CacheService::NewStub(channel_)) {}

  grpc::Status Set(const std::string& key, const std::string& value,
                   v1::SetResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::SetRequest request;
    request.set_key(key);
    request.set_value(value);
    v1::SetResponse unused;
    return cache_->Set(&context, request, response != nullptr ? response : &unused);
  }

  grpc::Status Get(const std::string& key, v1::GetResponse* response) {
    grpc::ClientContext context;
    v1::GetRequest request;
    request.set_key(key);
    return cache_->Get(&context, request, response);
  }

  OneKeyPerPartition scans_;
  DoorHarness harness_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::CacheService::Stub> cache_;
};

std::string ReasonOf(const grpc::Status& status) {
  const auto details = rpc::ParseErrorDetails(status);
  return details ? details->reason : "";
}

TEST_F(GrpcFrontTest, SetGetDelete) {
  v1::SetResponse set;
  ASSERT_TRUE(Set("k", "v", &set).ok());
  EXPECT_FALSE(set.etag().empty());
  EXPECT_EQ(set.quorum().required(), 2);

  v1::GetResponse get;
  ASSERT_TRUE(Get("k", &get).ok());
  EXPECT_TRUE(get.found());
  EXPECT_EQ(get.value(), "v");
  EXPECT_EQ(get.etag(), set.etag());
  EXPECT_FALSE(get.has_expire_time());

  grpc::ClientContext context;
  v1::DeleteRequest remove;
  remove.set_key("k");
  v1::DeleteResponse removed;
  EXPECT_TRUE(cache_->Delete(&context, remove, &removed).ok());
  get.Clear();
  ASSERT_TRUE(Get("k", &get).ok());
  EXPECT_FALSE(get.found());
}

TEST_F(GrpcFrontTest, ErrorsCarryDetails) {
  const grpc::Status status = Set("", "v");

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto details = rpc::ParseErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "KEY_INVALID");
  EXPECT_EQ(details->metadata.at("outcome"), "not_applied");
}

TEST_F(GrpcFrontTest, TwoNodesDownIsUnavailableAndNotApplied) {
  harness_.OnLoop([this] {
    harness_.replicas().TakeDown(0);
    harness_.replicas().TakeDown(1);
  });

  const grpc::Status status = Set("k", "v");

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "QUORUM_UNREACHABLE");
}

TEST_F(GrpcFrontTest, ClientDeadlineBoundsTheOperation) {
  harness_.OnLoop([this] {
    for (LinkId link = 0; link < 3; ++link) harness_.replicas().MakeDeaf(link, true);
  });
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  v1::GetRequest request;
  request.set_key("k");
  v1::GetResponse response;

  EXPECT_EQ(cache_->Get(&context, request, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(GrpcFrontTest, ClientHearsWhatBecameOfItsWriteBeforeItGivesUp) {
  harness_.OnLoop([this] {
    for (LinkId link = 0; link < 3; ++link) harness_.replicas().MakeDeaf(link, true);
  });
  v1::SetRequest request;
  request.set_value("v");
  // A busy machine may miss the last 20 ms of a call now and then, not of every one.
  grpc::Status status;
  for (int i = 0; i < 50 && ReasonOf(status).empty(); ++i) {
    request.set_key("k" + std::to_string(i));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(250));
    v1::SetResponse response;
    status = cache_->Set(&context, request, &response);
  }

  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(ReasonOf(status), "OUTCOME_UNKNOWN");
}

TEST(WithoutWayBackTest, ATenthAndAtMostTwentyMillisecondsAreForTheAnswer) {
  EXPECT_EQ(WithoutWayBack(absl::Seconds(10)), absl::Milliseconds(9'980));
  EXPECT_EQ(WithoutWayBack(absl::Milliseconds(50)), absl::Milliseconds(45));
  EXPECT_EQ(WithoutWayBack(absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_EQ(WithoutWayBack(-absl::Nanoseconds(1)), -absl::Nanoseconds(1));
}

TEST_F(GrpcFrontTest, MultiKeysSucceedAndFailAlone) {
  grpc::ClientContext context;
  v1::MultiSetRequest request;
  for (const char* key : {"a", "", "c"}) {
    v1::SetRequest& set = *request.add_sets();
    set.set_key(key);
    set.set_value("v");
  }
  v1::MultiSetResponse response;
  ASSERT_TRUE(cache_->MultiSet(&context, request, &response).ok());

  ASSERT_EQ(response.results_size(), 3);
  EXPECT_TRUE(response.results(0).has_ok());
  EXPECT_EQ(response.results(1).error().reason(), "KEY_INVALID");
  EXPECT_EQ(response.results(1).error().outcome(), "not_applied");
  EXPECT_TRUE(response.results(2).has_ok());
}

TEST_F(GrpcFrontTest, BatchOverTheLimitFailsAsAWhole) {
  grpc::ClientContext context;
  v1::MultiGetRequest request;
  for (int i = 0; i < 1001; ++i) request.add_keys("k");
  v1::MultiGetResponse response;

  const grpc::Status status = cache_->MultiGet(&context, request, &response);

  EXPECT_EQ(ReasonOf(status), "BATCH_TOO_LARGE");
  EXPECT_THAT(status.error_message(), HasSubstr("1001"));
}

TEST_F(GrpcFrontTest, EmptyBatchIsAnsweredEmpty) {
  grpc::ClientContext context;
  v1::MultiGetResponse response;

  EXPECT_TRUE(cache_->MultiGet(&context, v1::MultiGetRequest(), &response).ok());
  EXPECT_EQ(response.results_size(), 0);
}

TEST_F(GrpcFrontTest, PipelineAnswersEveryOperationOnce) {
  constexpr uint64_t kMessages = 40;
  constexpr uint64_t kOperations = 200;
  grpc::ClientContext context;
  const auto stream = cache_->Pipeline(&context);
  std::thread writer([&stream] {
    for (uint64_t m = 0; m < kMessages; ++m) {
      v1::PipelineRequest request;
      for (uint64_t i = 0; i < kOperations; ++i) {
        v1::PipelineOperation& operation = *request.add_operations();
        operation.set_id(m * kOperations + i);
        operation.mutable_set()->set_key("k" + std::to_string(i));
        operation.mutable_set()->set_value("v");
      }
      stream->Write(request);
    }
    stream->WritesDone();
  });
  std::set<uint64_t> ids;
  v1::PipelineResponse response;
  while (stream->Read(&response)) {
    for (const v1::PipelineResult& result : response.results()) {
      EXPECT_TRUE(result.has_set()) << result.ShortDebugString();
      EXPECT_TRUE(ids.insert(result.id()).second);
    }
  }
  writer.join();

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(ids.size(), kMessages * kOperations);
}

TEST_F(GrpcFrontTest, PipelineNamesWhatItDoesNotKnow) {
  grpc::ClientContext context;
  const auto stream = cache_->Pipeline(&context);
  v1::PipelineRequest request;
  request.add_operations()->set_id(7);
  v1::PipelineOperation& late = *request.add_operations();
  late.set_id(8);
  late.mutable_timeout()->set_seconds(-1);
  late.mutable_get()->set_key("k");
  stream->Write(request);
  stream->WritesDone();
  std::map<uint64_t, std::string> reasons;
  v1::PipelineResponse response;
  while (stream->Read(&response)) {
    for (const v1::PipelineResult& result : response.results()) {
      reasons[result.id()] = result.error().reason();
    }
  }

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(reasons,
            (std::map<uint64_t, std::string>{{7, "OPERATION_MISSING"}, {8, "DEADLINE_EXCEEDED"}}));
}

TEST_F(GrpcFrontTest, CancelledPipelineLeavesTheServerWell) {
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    const auto stream = cache_->Pipeline(&context);
    v1::PipelineRequest request;
    for (int k = 0; k < 100; ++k) request.add_operations()->mutable_get()->set_key("k");
    stream->Write(request);
    context.TryCancel();
    stream->Finish();
  }
  v1::GetResponse response;
  EXPECT_TRUE(Get("k", &response).ok());
}

TEST_F(GrpcFrontTest, ScanStreamsEveryKey) {
  grpc::ClientContext context;
  const auto stream = cache_->Scan(&context, v1::ScanRequest());
  std::set<std::string> keys;
  v1::ScanResponse page;
  while (stream->Read(&page)) {
    for (const v1::ScanEntry& entry : page.entries()) keys.insert(entry.key());
  }

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(keys, (std::set<std::string>{"key0", "key1", "key2", "key3"}));
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(GrpcFrontTest, LimitedScanGoesOnFromItsToken) {
  std::set<std::string> keys;
  std::string token;
  int scans = 0;
  do {
    grpc::ClientContext context;
    v1::ScanRequest request;
    request.set_limit(3);
    request.set_page_token(token);
    const auto stream = cache_->Scan(&context, request);
    v1::ScanResponse page;
    while (stream->Read(&page)) {
      for (const v1::ScanEntry& entry : page.entries()) keys.insert(entry.key());
      token = page.next_page_token();
    }
    ASSERT_TRUE(stream->Finish().ok());
  } while (!token.empty() && ++scans < 10);

  EXPECT_EQ(keys.size(), 4);
}

TEST_F(GrpcFrontTest, ScanOfAnUnknownNamespaceIsAnError) {
  grpc::ClientContext context;
  v1::ScanRequest request;
  request.set_namespace_("nope");
  const auto stream = cache_->Scan(&context, request);
  v1::ScanResponse page;
  EXPECT_FALSE(stream->Read(&page));

  EXPECT_EQ(ReasonOf(stream->Finish()), "NAMESPACE_NOT_FOUND");
}

TEST_F(GrpcFrontTest, ClusterServiceShowsMapAndKey) {
  const auto cluster = v1::ClusterService::NewStub(channel_);
  grpc::ClientContext map_context;
  v1::GetClusterMapResponse map;
  ASSERT_TRUE(cluster->GetClusterMap(&map_context, v1::GetClusterMapRequest(), &map).ok());
  EXPECT_EQ(map.nodes_size(), 3);
  EXPECT_EQ(map.partitions_size(), 4);
  EXPECT_EQ(map.nodes(0).health(), v1::NODE_HEALTH_UP);

  ASSERT_TRUE(Set("k", "value").ok());
  grpc::ClientContext context;
  v1::LocateKeyRequest request;
  request.set_key("k");
  v1::LocateKeyResponse located;
  ASSERT_TRUE(cluster->LocateKey(&context, request, &located).ok());
  ASSERT_EQ(located.replicas_size(), 3);
  EXPECT_EQ(located.replicas(0).value_size_bytes(), 5);
}

TEST_F(GrpcFrontTest, HealthKnowsTheNamedServices) {
  harness_.OnLoop([this] { harness_.front().SetServing(true); });
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  for (const char* name : {"", "quorumcache.v1.CacheService", "quorumcache.v1.ClusterService"}) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    grpc::health::v1::HealthCheckResponse response;
    ASSERT_TRUE(health->Check(&context, request, &response).ok()) << name;
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING) << name;
  }
}

TEST_F(GrpcFrontTest, CallsAreCounted) {
  ASSERT_TRUE(Set("k", "v").ok());
  EXPECT_FALSE(Set("", "v").ok());

  const std::string text = harness_.registry().RenderText();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{grpc_type=\"unary\",grpc_service="
                              "\"quorumcache.v1.CacheService\",grpc_method=\"Set\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_method=\"Set\",grpc_code=\"InvalidArgument\"} 1"));
}

}  // namespace
}  // namespace quorumcache::service
