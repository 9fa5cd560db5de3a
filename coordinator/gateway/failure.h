// SPDX-License-Identifier: Apache-2.0
// Errors of the gateway: CacheError, whether the backend found it or we did, as problem+json.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/http/message.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

// What this door itself finds wrong with a request. INVALID_ARGUMENT, not applied.
service::CacheError BadRequest(absl::string_view reason, std::string message);

// The status for `error`, by the table of docs/OPERATIONS.md#errors. Requires: !error.ok().
int HttpStatus(const service::CacheError& error);

// Problem+json with the metadata of `error` as further members; an "etag" goes into the ETag
// header, too.
http::HttpResponse Failure(const service::CacheError& error, absl::string_view request_id);

// 404 KEY_NOT_FOUND: over HTTP a miss is a status of its own.
http::HttpResponse Miss(absl::string_view request_id);

}  // namespace quorumcache::gateway
