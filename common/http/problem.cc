// SPDX-License-Identifier: Apache-2.0
#include "common/http/problem.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/json/json.h"

namespace quorumcache::http {

HttpResponse ProblemResponse(const Problem& problem, absl::string_view request_id) {
  boost::json::object body;
  body["type"] = absl::StrCat("urn:quorumcache:problem:", problem.code);
  const absl::string_view title = StatusPhrase(problem.status);
  body["title"] = boost::json::string_view(title.data(), title.size());
  body["status"] = problem.status;
  // Errors quote what clients and foreign libraries said.
  body["detail"] = json::IsUtf8(problem.detail) ? problem.detail : json::Printable(problem.detail);
  body["code"] = problem.code;
  body["outcome"] = problem.outcome_unknown ? "unknown" : "not_applied";
  body["retryable"] = problem.retryable;
  body["request_id"] = boost::json::string_view(request_id.data(), request_id.size());
  for (const auto& [name, value] : problem.extensions) body[name] = value;

  HttpResponse response;
  response.status = problem.status;
  response.headers.Set("Content-Type", "application/problem+json");
  response.headers.Set("Cache-Control", "no-store");
  if (problem.retry_after.has_value()) {
    const int64_t seconds =
        absl::ToInt64Seconds(absl::Ceil(*problem.retry_after, absl::Seconds(1)));
    response.headers.Set("Retry-After", absl::StrCat(std::max<int64_t>(seconds, 1)));
  }
  response.body = boost::json::serialize(body);
  return response;
}

}  // namespace quorumcache::http
