// SPDX-License-Identifier: Apache-2.0
// When a failed call may be made again without doing anything twice. Pure.
#pragma once

#include "absl/time/time.h"
#include "client/error.h"

namespace quorumcache::client {

enum class CallKind { kRead, kWrite };

enum class AfterFailure {
  kGiveUp,
  kRetry,
  // With the `first` that came with the error, by which the cluster recognises the earlier attempt.
  kRetryWithFirst,
};

// Reads may always be repeated where that can help. A write may when it was not applied, or when
// its outcome is unknown but it has a request id and the error brought a `first`: with both, the
// cluster applies it once (docs/PROTOCOL.md#lineage). An id without a `first` is not enough: an
// earlier attempt whose trace is gone could not be told from one that never was.
AfterFailure Decide(CallKind kind, const Error& error, bool has_request_id);

// How long to wait before attempt number `attempt` (1 = the first retry): what the error asks for,
// else exponential from 10 ms; `fraction` in [0, 1) is the jitter, so that clients do not come back
// in step.
absl::Duration RetryDelay(const Error& error, int attempt, double fraction);

}  // namespace quorumcache::client
