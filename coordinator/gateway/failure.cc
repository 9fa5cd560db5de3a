// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/failure.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/http/problem.h"

namespace quorumcache::gateway {
namespace {

using absl::StatusCode;
using service::CacheError;

// The first row that fits decides; an empty reason fits every one.
struct StatusRow {
  StatusCode code;
  const char* reason;
  int status;
};

constexpr std::array kStatusRows = std::to_array<StatusRow>({
    {StatusCode::kInvalidArgument, "VALUE_TOO_LARGE", 413},
    {StatusCode::kInvalidArgument, "BATCH_TOO_LARGE", 413},
    {StatusCode::kInvalidArgument, "", 400},
    {StatusCode::kOutOfRange, "", 400},
    {StatusCode::kUnauthenticated, "", 401},
    {StatusCode::kPermissionDenied, "", 403},
    {StatusCode::kNotFound, "", 404},
    {StatusCode::kFailedPrecondition, "NOT_AN_INTEGER", 409},
    {StatusCode::kFailedPrecondition, "EPOCH_MISMATCH", 409},
    {StatusCode::kFailedPrecondition, "CHANGE_UNDER_WAY", 409},
    {StatusCode::kFailedPrecondition, "NO_CHANGE", 409},
    {StatusCode::kFailedPrecondition, "TOO_FEW_NODES", 409},
    {StatusCode::kFailedPrecondition, "OTHER_CLUSTER", 409},
    {StatusCode::kFailedPrecondition, "ADDRESS_IN_USE", 409},
    {StatusCode::kFailedPrecondition, "NODE_EXISTS", 409},
    {StatusCode::kFailedPrecondition, "CHANGE_REFUSED", 409},
    {StatusCode::kFailedPrecondition, "", 412},
    {StatusCode::kAborted, "", 409},
    {StatusCode::kAlreadyExists, "", 409},
    {StatusCode::kResourceExhausted, "QUOTA", 429},
    {StatusCode::kResourceExhausted, "", 503},
    {StatusCode::kUnavailable, "", 503},
    {StatusCode::kCancelled, "", 503},
    {StatusCode::kDeadlineExceeded, "", 504},
    {StatusCode::kUnimplemented, "", 501},
});

bool IsRetryable(const CacheError& error) {
  return error.retry_after.has_value() || error.code == StatusCode::kAborted ||
         error.code == StatusCode::kUnavailable || error.code == StatusCode::kDeadlineExceeded;
}

}  // namespace

CacheError BadRequest(absl::string_view reason, std::string message) {
  CacheError error;
  error.code = StatusCode::kInvalidArgument;
  error.reason = std::string(reason);
  error.message = absl::StrCat(message, ". Nothing was changed");
  return error;
}

int HttpStatus(const CacheError& error) {
  QC_CHECK(!error.ok());
  const auto row =
      std::find_if(kStatusRows.begin(), kStatusRows.end(), [&](const StatusRow& candidate) {
        return candidate.code == error.code &&
               (*candidate.reason == '\0' || candidate.reason == error.reason);
      });
  return row == kStatusRows.end() ? 500 : row->status;
}

http::HttpResponse Failure(const CacheError& error, absl::string_view request_id) {
  http::Problem problem;
  problem.status = HttpStatus(error);
  problem.code = error.reason;
  problem.detail = error.message;
  problem.outcome_unknown = error.outcome_unknown;
  problem.retryable = IsRetryable(error);
  problem.retry_after = error.retry_after;
  problem.extensions = error.metadata;
  http::HttpResponse response = http::ProblemResponse(problem, request_id);
  const auto etag = error.metadata.find("etag");
  if (etag != error.metadata.end()) {
    response.headers.Set("ETag", absl::StrCat("\"", etag->second, "\""));
  }
  return response;
}

http::HttpResponse Miss(absl::string_view request_id) {
  return http::ProblemResponse(
      {.status = 404, .code = "KEY_NOT_FOUND", .detail = "the key has no value, or it has expired"},
      request_id);
}

}  // namespace quorumcache::gateway
