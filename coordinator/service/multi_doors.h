// SPDX-License-Identifier: Apache-2.0
// MultiGet, MultiSet, MultiDelete: many keys in one message, each of which succeeds or fails alone.
#pragma once

#include <memory>
#include <vector>

#include "common/metrics/registry.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::service {

// All outlive the doors. A request over the batch limits fails as a whole (BATCH_TOO_LARGE), before
// any key.
std::vector<std::unique_ptr<Door>> MakeMultiDoors(grpc::ServerCompletionQueue& queue,
                                                  v1::CacheService::AsyncService& service,
                                                  CoreBackend& backend,
                                                  metrics::Registry& registry);

}  // namespace quorumcache::service
