// SPDX-License-Identifier: Apache-2.0
// Bad input through the gRPC door of a real cluster: a clear error, an outcome, and nothing lost.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster_test.h"

namespace quorumcache::integration {
namespace {

using ::testing::HasSubstr;
using Stub = v1::CacheService::Stub;

class BadGrpcInputTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    client_ = std::make_unique<CacheClient>(cluster().Endpoints()[0]);
    ASSERT_TRUE(client_->Set("witness", "unharmed").ok());
  }

  // Whatever was sent, what was there before still is.
  void TearDown() override {
    v1::GetResponse response;
    const CallError error = client_->Get("witness", &response);
    EXPECT_TRUE(error.ok()) << error.message;
    EXPECT_EQ(response.value(), "unharmed");
  }

  CallError SetRequest(const v1::SetRequest& request) {
    v1::SetResponse response;
    return client_->Call(&Stub::Set, request, &response, absl::Seconds(10));
  }

  static void ExpectRefused(const CallError& error, const std::string& reason) {
    EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT) << error.message;
    EXPECT_EQ(error.reason, reason);
    EXPECT_EQ(error.outcome, "not_applied");
    EXPECT_THAT(error.message, Not(testing::IsEmpty()));
  }

  std::unique_ptr<CacheClient> client_;
};

TEST_F(BadGrpcInputTest, EmptyKeyIsRefused) {
  ExpectRefused(client_->Set("", "v"), "KEY_INVALID");
}

TEST_F(BadGrpcInputTest, LongestKeyIsTakenAndOneByteMoreIsRefused) {
  EXPECT_TRUE(client_->Set(std::string(4096, 'k'), "v").ok());
  ExpectRefused(client_->Set(std::string(4097, 'k'), "v"), "KEY_INVALID");
}

TEST_F(BadGrpcInputTest, LargestValueIsTakenAndOneByteMoreIsRefused) {
  v1::SetRequest request;
  request.set_key("large");
  request.set_value(std::string(size_t{4} << 20, 'v'));
  const CallError taken = SetRequest(request);
  EXPECT_TRUE(taken.ok()) << taken.message;

  request.mutable_value()->push_back('v');
  ExpectRefused(SetRequest(request), "VALUE_TOO_LARGE");
}

TEST_F(BadGrpcInputTest, TtlOfZeroNegativeAndAbsurdLengthAreRefused) {
  for (const int64_t seconds : {int64_t{0}, int64_t{-1}, int64_t{1'000'000'000'000}}) {
    v1::SetRequest request;
    request.set_key("ttl");
    request.set_value("v");
    request.mutable_ttl()->set_seconds(seconds);
    ExpectRefused(SetRequest(request), "TTL_INVALID");
  }
}

TEST_F(BadGrpcInputTest, UnknownNamespaceIsNotFound) {
  v1::SetRequest request;
  request.set_namespace_("nowhere");
  request.set_key("k");
  const CallError error = SetRequest(request);

  EXPECT_EQ(error.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(error.reason, "NAMESPACE_NOT_FOUND");
  EXPECT_EQ(error.outcome, "not_applied");
}

TEST_F(BadGrpcInputTest, NamespaceWithForbiddenCharactersIsRefused) {
  v1::SetRequest request;
  request.set_namespace_("No Such/Namespace");
  request.set_key("k");
  ExpectRefused(SetRequest(request), "NAMESPACE_INVALID");
}

TEST_F(BadGrpcInputTest, IncrementWithoutRequestIdIsRefused) {
  v1::IncrementRequest request;
  request.set_key("counter");
  request.set_delta(1);
  v1::IncrementResponse response;
  ExpectRefused(client_->Call(&Stub::Increment, request, &response), "REQUEST_ID_REQUIRED");
}

TEST_F(BadGrpcInputTest, EveryByteIsAllowedInKeysAndValues) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  ASSERT_TRUE(client_->Set(bytes, bytes).ok());

  v1::GetResponse response;
  ASSERT_TRUE(client_->Get(bytes, &response).ok());
  EXPECT_EQ(response.value(), bytes);
}

TEST_F(BadGrpcInputTest, MalformedProtobufIsAnErrorOfThatCallOnly) {
  grpc::GenericStub stub(
      grpc::CreateChannel(cluster().Endpoints()[0], grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice garbage("\xff\xff\xff\xff garbage");
  const grpc::ByteBuffer request(&garbage, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  auto call = stub.PrepareUnaryCall(&context, "/quorumcache.v1.CacheService/Get", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));

  EXPECT_FALSE(status.ok());
}

TEST_F(BadGrpcInputTest, OneBadKeyOfMultiSetFailsAlone) {
  v1::MultiSetRequest request;
  for (const std::string& key : {std::string("good"), std::string()}) {
    v1::SetRequest* set = request.add_sets();
    set->set_key(key);
    set->set_value("v");
  }
  v1::MultiSetResponse response;
  ASSERT_TRUE(client_->Call(&Stub::MultiSet, request, &response).ok());

  ASSERT_EQ(response.results_size(), 2);
  EXPECT_TRUE(response.results(0).has_ok());
  EXPECT_EQ(response.results(1).error().reason(), "KEY_INVALID");
  EXPECT_EQ(response.results(1).error().outcome(), "not_applied");
}

}  // namespace
}  // namespace quorumcache::integration
