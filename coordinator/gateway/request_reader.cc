// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/request_reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/http/base64.h"
#include "common/json/json.h"
#include "coordinator/gateway/failure.h"

namespace quorumcache::gateway {
namespace {

using service::CacheError;

bool ReadConsistency(const http::QueryParams& query, model::Consistency& out, CacheError& error) {
  const absl::string_view text = query.Find("consistency").value_or("");
  if (absl::EqualsIgnoreCase(text, "one")) {
    out = model::Consistency::kOne;
  } else if (absl::EqualsIgnoreCase(text, "quorum")) {
    out = model::Consistency::kQuorum;
  } else if (absl::EqualsIgnoreCase(text, "all")) {
    out = model::Consistency::kAll;
  } else if (query.Find("consistency").has_value()) {
    error = BadRequest("CONSISTENCY_INVALID", absl::StrCat("consistency=", json::Printable(text),
                                                           " is not one of one, quorum, all"));
    return false;
  }
  return true;
}

bool ReadDurability(const http::QueryParams& query, model::Durability& out, CacheError& error) {
  const absl::string_view text = query.Find("durability").value_or("");
  if (absl::EqualsIgnoreCase(text, "wal")) {
    out = model::Durability::kWal;
  } else if (absl::EqualsIgnoreCase(text, "fsync")) {
    out = model::Durability::kFsync;
  } else if (query.Find("durability").has_value()) {
    error = BadRequest("DURABILITY_INVALID", absl::StrCat("durability=", json::Printable(text),
                                                          " is not one of wal, fsync"));
    return false;
  }
  return true;
}

// Idempotency-Key may come as a structured-field string, in quotes.
absl::string_view Unquoted(absl::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

}  // namespace

bool ReadQuery(const http::HttpRequest& request, std::initializer_list<absl::string_view> known,
               http::QueryParams& query, CacheError& error) {
  absl::StatusOr<http::QueryParams> parsed = http::QueryParams::Parse(request.query);
  if (!parsed.ok()) {
    error = BadRequest("QUERY_INVALID", std::string(parsed.status().message()));
    return false;
  }
  for (const auto& [name, value] : parsed->pairs()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    error = BadRequest("PARAMETER_UNKNOWN",
                       absl::StrCat("there is no query parameter \"", json::Printable(name),
                                    "\" here; there are: ", known.size() == 0 ? "none" : "",
                                    absl::StrJoin(known, ", ")));
    return false;
  }
  query = *std::move(parsed);
  return true;
}

bool DecodeKey(absl::string_view text, const http::QueryParams& query, std::string& key,
               CacheError& error) {
  const std::optional<absl::string_view> encoding = query.Find("enc");
  if (!encoding.has_value()) {
    key = std::string(text);
    return true;
  }
  if (*encoding != "base64url") {
    error = BadRequest("ENCODING_UNKNOWN", absl::StrCat("enc=", json::Printable(*encoding),
                                                        " is not known; there is enc=base64url"));
    return false;
  }
  std::optional<std::string> bytes = http::Base64UrlDecode(text);
  if (!bytes.has_value()) {
    error = BadRequest("KEY_INVALID", absl::StrCat("with enc=base64url the key \"",
                                                   json::Printable(text), "\" must be base64url"));
    return false;
  }
  key = *std::move(bytes);
  return true;
}

bool ReadNamespace(const http::HttpRequest& request, std::string& out, CacheError& error) {
  for (const auto& [name, value] : request.path_params) {
    if (name != "ns") continue;
    if (value.empty()) {
      error = BadRequest("NAMESPACE_INVALID", "the namespace in the path is empty");
      return false;
    }
    out = value;
  }
  return true;
}

bool ReadTimeout(const http::HttpRequest& request, absl::Duration& timeout, CacheError& error) {
  const std::optional<absl::string_view> text = request.headers.Find("X-Timeout-Ms");
  if (!text.has_value()) return true;
  uint32_t timeout_ms = 0;
  if (!absl::SimpleAtoi(*text, &timeout_ms) || timeout_ms == 0) {
    error = BadRequest("TIMEOUT_INVALID", absl::StrCat("X-Timeout-Ms: ", json::Printable(*text),
                                                       " is not a number of milliseconds from 1 "
                                                       "on"));
    return false;
  }
  timeout = absl::Milliseconds(timeout_ms);
  return true;
}

bool ParseTtl(absl::string_view text, service::Expiration& expiration, CacheError& error) {
  absl::Duration ttl;
  if (!absl::ParseDuration(text, &ttl)) {
    error = BadRequest("TTL_INVALID", absl::StrCat("ttl \"", json::Printable(text),
                                                   "\" is not a length such as 60s, 1h30m or "
                                                   "250ms"));
    return false;
  }
  expiration.kind = service::Expiration::Kind::kTtl;
  expiration.millis = absl::ToInt64Milliseconds(ttl);
  return true;
}

bool ReadOptions(const http::HttpRequest& request, const http::QueryParams& query,
                 service::CacheRequest& out, CacheError& error) {
  if (!ReadNamespace(request, out.namespace_name, error)) return false;
  out.caller = std::make_shared<const service::Caller>(
      service::Caller{.peer = request.peer, .request_id = request.request_id});
  out.request_id = std::string(Unquoted(request.headers.Find("Idempotency-Key").value_or("")));
  out.first = std::string(Unquoted(request.headers.Find("Idempotency-First").value_or("")));
  if (!ReadConsistency(query, out.consistency, error)) return false;
  if (!ReadDurability(query, out.durability, error)) return false;
  if (!ReadTimeout(request, out.timeout, error)) return false;
  const std::optional<absl::string_view> ttl = query.Find("ttl");
  return !ttl.has_value() || ParseTtl(*ttl, out.expiration, error);
}

}  // namespace quorumcache::gateway
