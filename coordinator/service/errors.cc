// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/model/etag.h"

namespace quorumcache::service {
namespace {

using absl::StatusCode;
using quorum::OpError;

// One row an OpError, in its order. `retry_after_ms` 0: a retry does not help, or helps at once.
struct ErrorRow {
  OpError error;
  StatusCode code;
  const char* reason;
  int retry_after_ms;
  const char* message;
};

constexpr ErrorRow kErrorRows[] = {
    {OpError::kNone, StatusCode::kOk, "", 0, ""},
    // 250 ms: a broken connection is tried again within that time.
    {OpError::kQuorumUnreachable, StatusCode::kUnavailable, "QUORUM_UNREACHABLE", 250,
     "too few replicas of the key can be reached; try again, or read with consistency ONE"},
    {OpError::kOutcomeUnknown, StatusCode::kDeadlineExceeded, "OUTCOME_UNKNOWN", 0,
     "too few replicas answered in time"},
    {OpError::kContention, StatusCode::kAborted, "CONTENTION", 50,
     "other writers of the key were faster each time; try again"},
    {OpError::kKeyExists, StatusCode::kFailedPrecondition, "KEY_EXISTS", 0,
     "the key has a value, and the request said if_absent"},
    {OpError::kKeyNotFound, StatusCode::kFailedPrecondition, "KEY_NOT_FOUND", 0,
     "the key has no value, and the request asks for one"},
    {OpError::kEtagMismatch, StatusCode::kFailedPrecondition, "ETAG_MISMATCH", 0,
     "the value has changed since the given etag; read it again"},
    {OpError::kNotAnInteger, StatusCode::kFailedPrecondition, "NOT_AN_INTEGER", 0,
     "the value is not a decimal integer of 64 bits, and Increment adds to nothing else"},
    {OpError::kOverflow, StatusCode::kOutOfRange, "OVERFLOW", 0,
     "the sum does not fit into 64 bits with a sign"},
    {OpError::kOverloaded, StatusCode::kResourceExhausted, "OVERLOADED", 100,
     "the replicas shed load; try again with backoff"},
    // 5 s: space does not return at once.
    {OpError::kDiskFull, StatusCode::kResourceExhausted, "DISK_FULL", 5000,
     "replicas of the key have no disk space left and take no writes"},
    {OpError::kClockSkew, StatusCode::kUnavailable, "CLOCK_SKEW", 1000,
     "the replicas refuse this coordinator's clock; try another coordinator and check NTP"},
    {OpError::kStaleTopology, StatusCode::kUnavailable, "STALE_TOPOLOGY", 250,
     "the replicas know a newer cluster map than this coordinator; try again"},
    {OpError::kCorrupt, StatusCode::kDataLoss, "CORRUPT", 0,
     "every copy that answered fails its checksum; write the key anew or restore it"},
};

const ErrorRow& RowOf(OpError error) {
  for (const ErrorRow& row : kErrorRows) {
    if (row.error == error) return row;
  }
  QC_CHECK(false);
  return kErrorRows[0];
}

// What was done and what was not: the half of the message that the outcome decides.
const char* OutcomeText(const quorum::OpResult& result) {
  return result.outcome == quorum::Outcome::kUnknown ? ". The change may have been applied: read "
                                                       "the key, or retry with the same request_id "
                                                       "and `first`"
                                                     : ". Nothing was changed";
}

void AddMetadata(const quorum::OpResult& result, CacheError& error) {
  const bool counts =
      result.error == OpError::kOutcomeUnknown || result.error == OpError::kQuorumUnreachable;
  if (counts) {
    error.metadata["acked"] = absl::StrCat(result.responded);
    error.metadata["required"] = absl::StrCat(result.required);
  }
  if (error.outcome_unknown && !result.first.IsZero()) {
    error.metadata["first"] = model::FormatEtag(result.first);
  }
  const bool condition =
      result.error == OpError::kKeyExists || result.error == OpError::kEtagMismatch;
  if (condition && !result.version.IsZero()) {
    error.metadata["etag"] = model::FormatEtag(result.version);
  }
}

CacheError NotApplied(StatusCode code, absl::string_view reason, std::string message,
                      int retry_after_ms) {
  CacheError error;
  error.code = code;
  error.reason = std::string(reason);
  error.message = std::move(message);
  if (retry_after_ms > 0) error.retry_after = absl::Milliseconds(retry_after_ms);
  return error;
}

}  // namespace

CacheError InvalidArgument(absl::string_view reason, std::string message) {
  return NotApplied(StatusCode::kInvalidArgument, reason,
                    absl::StrCat(message, ". Nothing was changed"), 0);
}

CacheError OverloadedError(std::string message) {
  return NotApplied(StatusCode::kResourceExhausted, "OVERLOADED", std::move(message), 100);
}

CacheError ShuttingDownError() {
  return NotApplied(StatusCode::kUnavailable, "SHUTTING_DOWN",
                    "this coordinator is stopping. Nothing was changed; use another one", 100);
}

CacheError NoTopologyError() {
  return NotApplied(StatusCode::kUnavailable, "NO_TOPOLOGY",
                    "this coordinator has not read a cluster map yet. Nothing was changed; try "
                    "again, or use another one",
                    1000);
}

CacheError NamespaceNotFoundError(absl::string_view name) {
  return NotApplied(
      StatusCode::kNotFound, "NAMESPACE_NOT_FOUND",
      absl::StrCat("there is no namespace \"", name, "\" in the cluster map. Nothing was changed"),
      0);
}

CacheError UnreachableError(std::string message) {
  return NotApplied(StatusCode::kUnavailable, "QUORUM_UNREACHABLE", std::move(message), 250);
}

CacheError DeadlineBeforeSendError() {
  return NotApplied(
      StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
      "the request's time was up before it was sent to a replica. Nothing was changed", 0);
}

CacheError ErrorFromResult(const quorum::OpResult& result) {
  if (result.error == OpError::kNone) return CacheError();
  const ErrorRow& row = RowOf(result.error);
  std::string message = absl::StrCat(row.message, OutcomeText(result));
  if (result.error == OpError::kOutcomeUnknown || result.error == OpError::kQuorumUnreachable) {
    absl::StrAppend(&message, " (", result.responded, " of ", result.required, " needed answered)");
  }
  if (!result.detail.empty()) absl::StrAppend(&message, ": ", result.detail);
  CacheError error = NotApplied(row.code, row.reason, std::move(message), row.retry_after_ms);
  error.outcome_unknown = result.outcome == quorum::Outcome::kUnknown;
  AddMetadata(result, error);
  return error;
}

}  // namespace quorumcache::service
