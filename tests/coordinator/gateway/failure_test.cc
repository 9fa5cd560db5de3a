// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/failure.h"

#include "common/json/json.h"
#include "gtest/gtest.h"

namespace quorumcache::gateway {
namespace {

using absl::StatusCode;
using service::CacheError;

CacheError ErrorOf(StatusCode code, const char* reason) {
  CacheError error;
  error.code = code;
  error.reason = reason;
  return error;
}

TEST(FailureTest, StatusesAreThoseOfTheTable) {
  const struct {
    StatusCode code;
    const char* reason;
    int status;
  } kRows[] = {
      {StatusCode::kInvalidArgument, "KEY_INVALID", 400},
      {StatusCode::kInvalidArgument, "VALUE_TOO_LARGE", 413},
      {StatusCode::kInvalidArgument, "BATCH_TOO_LARGE", 413},
      {StatusCode::kUnauthenticated, "", 401},
      {StatusCode::kPermissionDenied, "", 403},
      {StatusCode::kNotFound, "NAMESPACE_NOT_FOUND", 404},
      {StatusCode::kFailedPrecondition, "KEY_EXISTS", 412},
      {StatusCode::kFailedPrecondition, "KEY_NOT_FOUND", 412},
      {StatusCode::kFailedPrecondition, "ETAG_MISMATCH", 412},
      {StatusCode::kFailedPrecondition, "NOT_AN_INTEGER", 409},
      {StatusCode::kAborted, "CONTENTION", 409},
      {StatusCode::kOutOfRange, "OVERFLOW", 400},
      {StatusCode::kResourceExhausted, "OVERLOADED", 503},
      {StatusCode::kResourceExhausted, "DISK_FULL", 503},
      {StatusCode::kResourceExhausted, "QUOTA", 429},
      {StatusCode::kUnavailable, "QUORUM_UNREACHABLE", 503},
      {StatusCode::kDeadlineExceeded, "OUTCOME_UNKNOWN", 504},
      {StatusCode::kDataLoss, "CORRUPT", 500},
      {StatusCode::kUnimplemented, "UNIMPLEMENTED", 501},
      {StatusCode::kInternal, "", 500},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(HttpStatus(ErrorOf(row.code, row.reason)), row.status) << row.reason;
  }
}

TEST(FailureTest, EtagOfTheMetadataIsAHeaderToo) {
  CacheError error = ErrorOf(StatusCode::kFailedPrecondition, "ETAG_MISMATCH");
  error.metadata["etag"] = "1.2.3";

  const http::HttpResponse response = Failure(error, "id");

  EXPECT_EQ(response.headers.Find("ETag"), "\"1.2.3\"");
  EXPECT_EQ(boost::json::parse(response.body).at("etag"), "1.2.3");
}

TEST(FailureTest, RetryableWhereARetryHelps) {
  const auto retryable = [](CacheError error) {
    return boost::json::parse(Failure(error, "id").body).at("retryable").as_bool();
  };
  CacheError shed = ErrorOf(StatusCode::kResourceExhausted, "OVERLOADED");
  shed.retry_after = absl::Milliseconds(100);

  EXPECT_TRUE(retryable(shed));
  EXPECT_TRUE(retryable(ErrorOf(StatusCode::kAborted, "CONTENTION")));
  EXPECT_TRUE(retryable(ErrorOf(StatusCode::kUnavailable, "QUORUM_UNREACHABLE")));
  EXPECT_FALSE(retryable(ErrorOf(StatusCode::kInvalidArgument, "KEY_INVALID")));
  EXPECT_FALSE(retryable(ErrorOf(StatusCode::kDataLoss, "CORRUPT")));
}

}  // namespace
}  // namespace quorumcache::gateway
