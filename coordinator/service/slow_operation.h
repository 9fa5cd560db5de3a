// SPDX-License-Identifier: Apache-2.0
// What the slow log tells of an operation, from what is still known when it has been answered.
#pragma once

#include "absl/strings/string_view.h"
#include "common/base/time.h"
#include "common/model/key.h"
#include "coordinator/service/cache_backend.h"
#include "coordinator/service/op_runner.h"
#include "coordinator/service/replica_transport.h"

namespace quorumcache::service {

// "get", "set", ...: its label in the metrics and its name in the slow log.
absl::string_view OperationName(OperationKind kind);

// `job` is being answered with `response`, and its sink has not been told; its operation may be
// null.
SlowOperation DescribeSlow(const OpRunner::Job& job, const model::Key& key,
                           const CacheResponse& response, const base::Now& now,
                           const ReplicaTransport& transport);
// A page of a scan that began at `started_at`. `prefix`: as its key.
SlowOperation DescribeSlowScan(const model::Key& prefix, const ScanPage& page,
                               base::MonotonicTime started_at, const base::Now& now);

}  // namespace quorumcache::service
