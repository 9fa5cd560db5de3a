// SPDX-License-Identifier: Apache-2.0
// CacheError as a gRPC status with google.rpc details.
#pragma once

#include <grpcpp/support/status.h>

#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

// Requires: !error.ok(). ErrorInfo always (with `outcome`), RetryInfo where a retry helps.
grpc::Status ToGrpcStatus(const CacheError& error);

}  // namespace quorumcache::service
