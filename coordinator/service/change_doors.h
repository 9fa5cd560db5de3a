// SPDX-License-Identifier: Apache-2.0
// The doors of ClusterService that change the cluster or watch it: PlanChange, CommitChange,
// AbortChange, GetRebalance.
#pragma once

#include <memory>
#include <vector>

#include "common/metrics/registry.h"
#include "common/rpc/event_loop.h"
#include "coordinator/service/cluster_admin.h"
#include "coordinator/service/door.h"
#include "quorumcache/v1/cluster.grpc.pb.h"

namespace quorumcache::service {

// All outlive the doors; `admin` has answered every call before the loop is drained.
std::vector<std::unique_ptr<Door>> MakeChangeDoors(rpc::EventLoop& loop,
                                                   grpc::ServerCompletionQueue& queue,
                                                   v1::ClusterService::AsyncService& service,
                                                   ClusterAdmin& admin,
                                                   metrics::Registry& registry);

}  // namespace quorumcache::service
