// SPDX-License-Identifier: Apache-2.0
// Cache values and times as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/http/message.h"
#include "common/json/json.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

boost::json::string_view JsonView(absl::string_view text);

// "key", and "key_encoding": "base64url" where the key is not UTF-8 or the client asked with
// ?enc=base64url
// (`encoded`), which is also how the key is sent back.
void PutKey(absl::string_view key, bool encoded, boost::json::object& out);
// "value" and "encoding": "utf8" or "base64".
void PutValue(absl::string_view value, boost::json::object& out);
// "etag" and, unless it never expires, "expire_time".
void PutVersion(absl::string_view etag, uint64_t expire_at_ms, boost::json::object& out);
// {"status","code","detail","outcome","retryable",...}: an error of one key among many.
boost::json::object ErrorObject(const service::CacheError& error);

// "one", "quorum" or "all"; kUnspecified counts as QUORUM.
const char* ConsistencyName(model::Consistency consistency);

// RFC 3339 with milliseconds, in UTC.
std::string JsonTime(uint64_t ms);
// An HTTP date, for Expires: whole seconds, rounded down.
std::string HttpTime(uint64_t ms);

// With Content-Type and Cache-Control.
http::HttpResponse JsonResponse(int status, const boost::json::object& body);

}  // namespace quorumcache::gateway
