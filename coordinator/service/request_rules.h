// SPDX-License-Identifier: Apache-2.0
// Request rules: what a CacheRequest must be, and what it becomes for the quorum core.
//
// The one place where the limits of docs/ARCHITECTURE.md#bounds meet requests, whatever door they
// came by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "common/base/limits.h"
#include "common/model/consistency.h"
#include "common/model/key.h"
#include "coordinator/quorum/mutation.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

// What the operator may change.
struct RequestLimits {
  size_t value_size_bytes_max = limits::kValueSizeBytesMaxDefault;
  // For requests that name none.
  absl::Duration timeout_default = absl::Milliseconds(limits::kOperationTimeoutMsDefault);
  // Longer ones are cut to it.
  absl::Duration timeout_max = absl::Milliseconds(limits::kOperationTimeoutMsMax);
};

// A request that passed every check that needs no cluster map. Value.
struct CheckedRequest {
  OperationKind kind = OperationKind::kGet;
  model::Key key;
  // kUnspecified: the namespace's default.
  model::Consistency consistency = model::Consistency::kUnspecified;
  // More than 0, at most RequestLimits::timeout_max.
  absl::Duration timeout;
  // Unused by Get.
  quorum::Mutation mutation;
};

// True: `checked` holds `request`, its strings moved. False: `error` says why, and nothing may be
// sent. `now_ms`: milliseconds since the Unix epoch, from which a TTL counts. Thread-safe.
[[nodiscard]] bool CheckRequest(CacheRequest&& request, const RequestLimits& limits,
                                uint64_t now_ms, CheckedRequest& checked, CacheError& error);

// The checks of a key and of a namespace ("" is "default") alone, for Scan and Locate.
[[nodiscard]] bool CheckKey(absl::string_view key, CacheError& error);
[[nodiscard]] bool CheckNamespace(absl::string_view name, CacheError& error);

}  // namespace quorumcache::service
