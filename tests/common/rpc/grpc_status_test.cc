// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_status.h"

#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace quorumcache::rpc {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(GrpcStatusTest, EveryCodeSurvivesTheRoundTrip) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "why");
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status) << code;
  }
}

TEST(GrpcStatusTest, DetailsAreWhatGoogleRpcStatusReadersExpect) {
  const grpc::Status status = MakeGrpcError(absl::StatusCode::kUnavailable, "too few replicas",
                                            {.reason = "QUORUM_UNREACHABLE",
                                             .metadata = {{"outcome", "not_applied"}},
                                             .retry_after = absl::Milliseconds(1500)});

  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(status.error_details()));
  EXPECT_EQ(rich.code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE));
  ASSERT_EQ(rich.details_size(), 2);
  EXPECT_EQ(rich.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(rich.details(1).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
}

TEST(GrpcStatusTest, OurOwnDetailsAreReadBack) {
  const grpc::Status status = MakeGrpcError(absl::StatusCode::kAborted, "m",
                                            {.reason = "CONTENTION",
                                             .metadata = {{"outcome", "unknown"}},
                                             .retry_after = absl::Seconds(2)});

  const auto details = ParseErrorDetails(status);

  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "CONTENTION");
  EXPECT_THAT(details->metadata, ElementsAre(Pair("outcome", "unknown")));
  EXPECT_EQ(details->retry_after, absl::Seconds(2));
}

TEST(GrpcStatusTest, ErrorsOfOthersHaveNoDetailsOfOurs) {
  EXPECT_FALSE(
      ParseErrorDetails(grpc::Status(grpc::StatusCode::UNAVAILABLE, "transport")).has_value());
  EXPECT_FALSE(
      ParseErrorDetails(grpc::Status(grpc::StatusCode::UNAVAILABLE, "x", "not protobuf \xFF"))
          .has_value());
}

}  // namespace
}  // namespace quorumcache::rpc
