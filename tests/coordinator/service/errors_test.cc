// SPDX-License-Identifier: Apache-2.0
// The table of docs/OPERATIONS.md#errors, row by row, as gRPC clients see it.
#include "coordinator/service/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/model/etag.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/service/grpc_errors.h"

namespace quorumcache::service {
namespace {

using quorum::OpError;
using quorum::Outcome;
using ::testing::HasSubstr;

struct Row {
  OpError error;
  Outcome outcome;
  grpc::StatusCode code;
  const char* reason;
  const char* outcome_text;
  bool retry;
};

class ErrorTableTest : public ::testing::TestWithParam<Row> {};

TEST_P(ErrorTableTest, GrpcStatusSaysCodeReasonOutcomeAndRetry) {
  const Row& row = GetParam();
  quorum::OpResult result;
  result.error = row.error;
  result.outcome = row.outcome;

  const grpc::Status status = ToGrpcStatus(ErrorFromResult(result));

  EXPECT_EQ(status.error_code(), row.code);
  EXPECT_FALSE(status.error_message().empty());
  const auto details = rpc::ParseErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, row.reason);
  EXPECT_EQ(details->metadata.at("outcome"), row.outcome_text);
  EXPECT_EQ(details->retry_after.has_value(), row.retry);
}

INSTANTIATE_TEST_SUITE_P(
    AllErrors, ErrorTableTest,
    ::testing::Values(
        Row{OpError::kQuorumUnreachable, Outcome::kNotApplied, grpc::StatusCode::UNAVAILABLE,
            "QUORUM_UNREACHABLE", "not_applied", true},
        Row{OpError::kOutcomeUnknown, Outcome::kUnknown, grpc::StatusCode::DEADLINE_EXCEEDED,
            "OUTCOME_UNKNOWN", "unknown", false},
        Row{OpError::kOutcomeUnknown, Outcome::kNotApplied, grpc::StatusCode::DEADLINE_EXCEEDED,
            "OUTCOME_UNKNOWN", "not_applied", false},
        Row{OpError::kContention, Outcome::kNotApplied, grpc::StatusCode::ABORTED, "CONTENTION",
            "not_applied", true},
        Row{OpError::kKeyExists, Outcome::kNotApplied, grpc::StatusCode::FAILED_PRECONDITION,
            "KEY_EXISTS", "not_applied", false},
        Row{OpError::kKeyNotFound, Outcome::kNotApplied, grpc::StatusCode::FAILED_PRECONDITION,
            "KEY_NOT_FOUND", "not_applied", false},
        Row{OpError::kEtagMismatch, Outcome::kNotApplied, grpc::StatusCode::FAILED_PRECONDITION,
            "ETAG_MISMATCH", "not_applied", false},
        Row{OpError::kNotAnInteger, Outcome::kNotApplied, grpc::StatusCode::FAILED_PRECONDITION,
            "NOT_AN_INTEGER", "not_applied", false},
        Row{OpError::kOverflow, Outcome::kNotApplied, grpc::StatusCode::OUT_OF_RANGE, "OVERFLOW",
            "not_applied", false},
        Row{OpError::kOverloaded, Outcome::kNotApplied, grpc::StatusCode::RESOURCE_EXHAUSTED,
            "OVERLOADED", "not_applied", true},
        Row{OpError::kDiskFull, Outcome::kUnknown, grpc::StatusCode::RESOURCE_EXHAUSTED,
            "DISK_FULL", "unknown", true},
        Row{OpError::kClockSkew, Outcome::kNotApplied, grpc::StatusCode::UNAVAILABLE, "CLOCK_SKEW",
            "not_applied", true},
        Row{OpError::kStaleTopology, Outcome::kNotApplied, grpc::StatusCode::UNAVAILABLE,
            "STALE_TOPOLOGY", "not_applied", true},
        Row{OpError::kCorrupt, Outcome::kNotApplied, grpc::StatusCode::DATA_LOSS, "CORRUPT",
            "not_applied", false}));

TEST(ErrorsTest, SuccessIsNoError) {
  EXPECT_TRUE(ErrorFromResult(quorum::OpResult()).ok());
}

TEST(ErrorsTest, UnknownOutcomeCarriesCountsAndFirst) {
  quorum::OpResult result;
  result.error = OpError::kOutcomeUnknown;
  result.outcome = Outcome::kUnknown;
  result.required = 2;
  result.responded = 1;
  result.first = model::Ballot{1, 2, 3};

  const CacheError error = ErrorFromResult(result);

  EXPECT_EQ(error.metadata.at("acked"), "1");
  EXPECT_EQ(error.metadata.at("required"), "2");
  EXPECT_EQ(error.metadata.at("first"), model::FormatEtag(result.first));
  EXPECT_THAT(error.message, HasSubstr("may have been applied"));
}

TEST(ErrorsTest, FailedConditionCarriesThePresentEtag) {
  quorum::OpResult result;
  result.error = OpError::kEtagMismatch;
  result.version = model::Ballot{1, 2, 3};

  EXPECT_EQ(ErrorFromResult(result).metadata.at("etag"), model::FormatEtag(result.version));
}

TEST(ErrorsTest, NotAppliedSaysSoInWords) {
  quorum::OpResult result;
  result.error = OpError::kQuorumUnreachable;
  result.detail = "n2: not sent";

  const CacheError error = ErrorFromResult(result);

  EXPECT_THAT(error.message, HasSubstr("Nothing was changed"));
  EXPECT_THAT(error.message, HasSubstr("n2: not sent"));
}

}  // namespace
}  // namespace quorumcache::service
