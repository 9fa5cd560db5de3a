// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/conditions.h"

#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "coordinator/gateway/failure.h"

namespace quorumcache::gateway {
namespace {

using service::CacheError;
using service::ConditionKind;

// Our etags hold no commas, so a list splits at them.
std::vector<absl::string_view> ListOf(absl::string_view header) {
  std::vector<absl::string_view> items;
  for (const absl::string_view item : absl::StrSplit(header, ',')) {
    items.push_back(absl::StripAsciiWhitespace(item));
  }
  return items;
}

// The text between the quotes; nullopt when there are none.
std::optional<absl::string_view> Unquote(absl::string_view item) {
  if (item.size() < 2 || item.front() != '"' || item.back() != '"') return std::nullopt;
  return item.substr(1, item.size() - 2);
}

bool Contains(absl::string_view header, absl::string_view etag, bool weak_counts) {
  for (absl::string_view item : ListOf(header)) {
    if (item == "*") return true;
    if (weak_counts) absl::ConsumePrefix(&item, "W/");
    if (Unquote(item) == etag) return true;
  }
  return false;
}

bool Unsupported(CacheError& error, const char* message) {
  error = BadRequest("CONDITION_UNSUPPORTED", message);
  return false;
}

bool ReadIfMatch(absl::string_view header, service::CacheRequest& out, CacheError& error) {
  if (header == "*") {
    out.condition = ConditionKind::kIfPresent;
    return true;
  }
  if (absl::StrContains(header, ',')) return Unsupported(error, "If-Match takes one etag or *");
  if (absl::StartsWith(header, "W/")) {
    error.code = absl::StatusCode::kFailedPrecondition;
    error.reason = "ETAG_MISMATCH";
    error.message =
        "a weak etag (W/\"...\") never matches in If-Match. Nothing was changed; send "
        "the etag as the cache gave it";
    return false;
  }
  const std::optional<absl::string_view> etag = Unquote(header);
  if (!etag.has_value()) {
    error = BadRequest("ETAG_INVALID", "If-Match must be * or an etag in double quotes");
    return false;
  }
  out.condition = ConditionKind::kIfEtag;
  out.etag = std::string(*etag);
  return true;
}

}  // namespace

bool ReadWriteCondition(const http::HttpRequest& request, service::CacheRequest& out,
                        CacheError& error) {
  const std::optional<absl::string_view> match = request.headers.Find("If-Match");
  const std::optional<absl::string_view> none_match = request.headers.Find("If-None-Match");
  if (match.has_value() && none_match.has_value()) {
    return Unsupported(error, "a write takes If-Match or If-None-Match, not both");
  }
  if (match.has_value()) return ReadIfMatch(*match, out, error);
  if (!none_match.has_value()) return true;
  if (*none_match != "*") return Unsupported(error, "on a write If-None-Match takes only *");
  out.condition = ConditionKind::kIfAbsent;
  return true;
}

ReadVerdict JudgeRead(const http::HttpRequest& request, absl::string_view etag) {
  const std::optional<absl::string_view> match = request.headers.Find("If-Match");
  if (match.has_value() && !Contains(*match, etag, /*weak_counts=*/false)) {
    return ReadVerdict::kPreconditionFailed;
  }
  const std::optional<absl::string_view> none_match = request.headers.Find("If-None-Match");
  if (none_match.has_value() && Contains(*none_match, etag, /*weak_counts=*/true)) {
    return ReadVerdict::kNotModified;
  }
  return ReadVerdict::kSend;
}

}  // namespace quorumcache::gateway
