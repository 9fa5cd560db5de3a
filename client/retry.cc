// SPDX-License-Identifier: Apache-2.0
#include "client/retry.h"

#include <algorithm>

namespace quorumcache::client {
namespace {

// Errors that another coordinator or a later moment may not give.
bool MayPass(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kAborted ||
         code == absl::StatusCode::kResourceExhausted;
}

}  // namespace

AfterFailure Decide(CallKind kind, const Error& error, bool has_request_id) {
  if (kind == CallKind::kRead || error.outcome == Outcome::kNotApplied) {
    return MayPass(error.code) ? AfterFailure::kRetry : AfterFailure::kGiveUp;
  }
  const bool recognisable = has_request_id && !error.Metadata("first").empty();
  const bool may_pass = MayPass(error.code) || error.code == absl::StatusCode::kDeadlineExceeded;
  return recognisable && may_pass ? AfterFailure::kRetryWithFirst : AfterFailure::kGiveUp;
}

absl::Duration RetryDelay(const Error& error, int attempt, double fraction) {
  const absl::Duration base =
      error.retry_delay.value_or(absl::Milliseconds(10) * (1 << std::clamp(attempt - 1, 0, 6)));
  return base * (0.5 + fraction / 2);
}

}  // namespace quorumcache::client
