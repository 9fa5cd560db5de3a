// SPDX-License-Identifier: Apache-2.0
// What the routes have in common in reading a request: key, query parameters and headers.
//
// Every function: true, or false with the reason in `error`.
#pragma once

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/http/query.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

// Decodes the query. A parameter that is not among `known` is an error: a mistyped ttl must not
// make a value that never expires.
[[nodiscard]] bool ReadQuery(const http::HttpRequest& request,
                             std::initializer_list<absl::string_view> known,
                             http::QueryParams& query, service::CacheError& error);

// The bytes of a key given as `text`: as they are, or with ?enc=base64url decoded (for keys that
// proxies and JSON do not pass, such as ones with a zero byte).
[[nodiscard]] bool DecodeKey(absl::string_view text, const http::QueryParams& query,
                             std::string& key, service::CacheError& error);

// The namespace of the path ("/v1/namespaces/{ns}/..."); "", which means "default", where it has
// none.
[[nodiscard]] bool ReadNamespace(const http::HttpRequest& request, std::string& out,
                                 service::CacheError& error);

// X-Timeout-Ms: a whole number of at least 1. Unset: zero, the server's default.
[[nodiscard]] bool ReadTimeout(const http::HttpRequest& request, absl::Duration& timeout,
                               service::CacheError& error);

// Namespace, consistency, durability, ttl (where they are in `query`), X-Timeout-Ms,
// Idempotency-Key (the request_id) and Idempotency-First (the "first" of an error that said
// "unknown").
[[nodiscard]] bool ReadOptions(const http::HttpRequest& request, const http::QueryParams& query,
                               service::CacheRequest& out, service::CacheError& error);

// A length such as "60s", "1h30m" or "250ms". What lengths are allowed is the backend's to say.
[[nodiscard]] bool ParseTtl(absl::string_view text, service::Expiration& expiration,
                            service::CacheError& error);

}  // namespace quorumcache::gateway
