// SPDX-License-Identifier: Apache-2.0
// Errors as callers meet them: every reason of docs/OPERATIONS.md is spelled here and nowhere else.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

// INVALID_ARGUMENT, not applied. `message` says what is wrong and what is allowed.
CacheError InvalidArgument(absl::string_view reason, std::string message);

// This coordinator has too much under way: nothing was sent.
CacheError OverloadedError(std::string message);
// This coordinator is stopping: nothing was sent.
CacheError ShuttingDownError();
// No cluster map has been read yet: nothing was sent.
CacheError NoTopologyError();
CacheError NamespaceNotFoundError(absl::string_view name);
// A scan that finds too few replicas of a partition.
CacheError UnreachableError(std::string message);
// The time was up before anything was sent.
CacheError DeadlineBeforeSendError();

// What a finished operation's result means to its caller; ok() where it did what was asked.
// The mapping is a table (errors.cc): code, reason and retry by OpError; outcome, counts and etag
// from `result`.
CacheError ErrorFromResult(const quorum::OpResult& result);

}  // namespace quorumcache::service
