// SPDX-License-Identifier: Apache-2.0
// The cluster map as people and tools are shown it.
#pragma once

#include "coordinator/service/cache_backend.h"
#include "coordinator/service/replica_transport.h"
#include "coordinator/service/topology_view.h"

namespace quorumcache::service {

// O(partitions * replicas).
ClusterView DescribeView(const TopologyView& view, const ReplicaTransport& transport);

}  // namespace quorumcache::service
