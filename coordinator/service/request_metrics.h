// SPDX-License-Identifier: Apache-2.0
// RequestMetrics: what is counted when a request is answered; see coordinator_metrics.h.
#pragma once

#include "absl/time/time.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

// Loop thread only.
class RequestMetrics {
 public:
  virtual ~RequestMetrics() = default;
  // Each single-key request once, refused ones included. `latency`: from its arrival to this
  // answer.
  virtual void OnAnswered(OperationKind kind, absl::Duration latency,
                          const CacheResponse& response) = 0;
};

}  // namespace quorumcache::service
