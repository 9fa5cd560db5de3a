// SPDX-License-Identifier: Apache-2.0
// From what an operation found or did to what its caller is told.
#pragma once

#include "coordinator/quorum/operation.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

// Moves values out of `result`. `return_previous`: the request asked for it.
CacheResponse ToResponse(OperationKind kind, bool return_previous, quorum::OpResult&& result);

}  // namespace quorumcache::service
