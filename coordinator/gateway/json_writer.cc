// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/json_writer.h"

#include <utility>

#include "absl/time/time.h"
#include "common/http/base64.h"
#include "coordinator/gateway/failure.h"

namespace quorumcache::gateway {

boost::json::string_view JsonView(absl::string_view text) {
  return {text.data(), text.size()};
}

void PutKey(absl::string_view key, bool encoded, boost::json::object& out) {
  if (!encoded && json::IsUtf8(key)) {
    out["key"] = JsonView(key);
    return;
  }
  out["key"] = http::Base64UrlEncode(key);
  out["key_encoding"] = "base64url";
}

void PutValue(absl::string_view value, boost::json::object& out) {
  const bool text = json::IsUtf8(value);
  if (text) {
    out["value"] = JsonView(value);
  } else {
    out["value"] = http::Base64Encode(value);
  }
  out["encoding"] = text ? "utf8" : "base64";
}

void PutVersion(absl::string_view etag, uint64_t expire_at_ms, boost::json::object& out) {
  out["etag"] = JsonView(etag);
  if (expire_at_ms != 0) out["expire_time"] = JsonTime(expire_at_ms);
}

boost::json::object ErrorObject(const service::CacheError& error) {
  // The members of problem+json, less those that belong to the whole answer.
  boost::json::object object = boost::json::parse(Failure(error, "").body).as_object();
  for (const char* member : {"type", "title", "request_id"}) object.erase(member);
  return object;
}

const char* ConsistencyName(model::Consistency consistency) {
  switch (consistency) {
    case model::Consistency::kOne:
      return "one";
    case model::Consistency::kAll:
      return "all";
    default:
      return "quorum";
  }
}

std::string JsonTime(uint64_t ms) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(static_cast<int64_t>(ms)),
                          absl::UTCTimeZone());
}

std::string HttpTime(uint64_t ms) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                          absl::FromUnixMillis(static_cast<int64_t>(ms)), absl::UTCTimeZone());
}

http::HttpResponse JsonResponse(int status, const boost::json::object& body) {
  http::HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "application/json");
  response.headers.Set("Cache-Control", "no-store");
  response.body = boost::json::serialize(body);
  return response;
}

}  // namespace quorumcache::gateway
