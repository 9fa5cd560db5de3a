// SPDX-License-Identifier: Apache-2.0
// JSON bodies: strict objects with known members.
//
// Every function: true, or false with the reason in `error`.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "common/http/query.h"
#include "common/json/json.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

// `text` is one JSON object (RFC 8259, UTF-8, at most 32 levels deep).
[[nodiscard]] bool ParseObject(absl::string_view text, boost::json::object& out,
                               service::CacheError& error);
// Nothing but these members: a mistyped "ttl" must not make a value that never expires.
[[nodiscard]] bool CheckMembers(const boost::json::object& object,
                                std::initializer_list<absl::string_view> known,
                                service::CacheError& error);

// The member must be there and be a string.
[[nodiscard]] bool ReadString(const boost::json::object& object, absl::string_view name,
                              std::string& out, service::CacheError& error);
// The member may be missing: `out` stays.
[[nodiscard]] bool ReadOptionalString(const boost::json::object& object, absl::string_view name,
                                      std::string& out, service::CacheError& error);
[[nodiscard]] bool ReadOptionalInt(const boost::json::object& object, absl::string_view name,
                                   int64_t& out, service::CacheError& error);

// "key", decoded as ?enc= in `query` says.
[[nodiscard]] bool ReadKey(const boost::json::object& object, const http::QueryParams& query,
                           std::string& out, service::CacheError& error);
// "value" and "encoding" ("utf8", which is meant when it is missing, or "base64").
[[nodiscard]] bool ReadValue(const boost::json::object& object, std::string& out,
                             service::CacheError& error);
// "ttl": "60s"; missing: `out` stays.
[[nodiscard]] bool ReadTtl(const boost::json::object& object, service::Expiration& out,
                           service::CacheError& error);

}  // namespace quorumcache::gateway
