// SPDX-License-Identifier: Apache-2.0
// The doors of ClusterService: GetClusterMap, LocateKey and ReadSlowLog.
#pragma once

#include <memory>
#include <vector>

#include "common/metrics/registry.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cluster.grpc.pb.h"

namespace quorumcache::service {

// All outlive the doors.
std::vector<std::unique_ptr<Door>> MakeClusterDoors(grpc::ServerCompletionQueue& queue,
                                                    v1::ClusterService::AsyncService& service,
                                                    CoreBackend& backend,
                                                    metrics::Registry& registry);

}  // namespace quorumcache::service
