// SPDX-License-Identifier: Apache-2.0
// Problem: an error answer as application/problem+json (RFC 9457).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/http/message.h"

namespace quorumcache::http {

// Value.
struct Problem {
  int status = 500;
  // UPPER_SNAKE_CASE, the same word as in gRPC's ErrorInfo.reason; programs decide by it.
  std::string code;
  // For people: what happened, what was not done, what to do next. UTF-8.
  std::string detail;
  // True: the change may have happened ("unknown"). False: it has not and will not ("not_applied").
  bool outcome_unknown = false;
  // Sending the same request again may succeed.
  bool retryable = false;
  // Whole seconds are sent, rounded up.
  std::optional<absl::Duration> retry_after;
  // Further members. A name of the members above is not allowed.
  std::map<std::string, std::string> extensions;
};

// {"type","title","status","detail","code","outcome","retryable","request_id", extensions...}, with
// Retry-After where it is set. The connection stays open unless the caller sets `close`.
HttpResponse ProblemResponse(const Problem& problem, absl::string_view request_id);

}  // namespace quorumcache::http
