// SPDX-License-Identifier: Apache-2.0
// Conditional requests (RFC 9110, section 13): If-Match and If-None-Match.
#pragma once

#include "absl/strings/string_view.h"
#include "common/http/message.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

// For PUT and DELETE: turns the headers into the condition that the backend decides atomically with
// the write (a read before it would be a race). If-Match: "x" -> kIfEtag, If-Match: * ->
// kIfPresent, If-None-Match: * -> kIfAbsent. False, with the reason in `error`, for what the
// backend has no word for: lists of etags, If-None-Match: "x" on a write, both headers at once. A
// weak etag is an ETAG_MISMATCH: it never matches (section 13.1.1).
[[nodiscard]] bool ReadWriteCondition(const http::HttpRequest& request, service::CacheRequest& out,
                                      service::CacheError& error);

// For GET and HEAD, judged on the value that was read.
enum class ReadVerdict { kSend, kNotModified, kPreconditionFailed };
// `etag` is that of the value, without quotes.
ReadVerdict JudgeRead(const http::HttpRequest& request, absl::string_view etag);

}  // namespace quorumcache::gateway
