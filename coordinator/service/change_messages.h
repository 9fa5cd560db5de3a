// SPDX-License-Identifier: Apache-2.0
// Protobuf messages of topology changes <-> ClusterAdmin.
#pragma once

#include "coordinator/service/cluster_admin.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::service {

ClusterChange TakeChange(v1::Change& message);
void FillMessage(const ChangePlan& plan, v1::PlanChangeResponse& message);
void FillMessage(const RebalanceView& view, v1::Rebalance& message);
void FillMessage(const ClusterEvent& event, v1::WatchClusterResponse& message);

}  // namespace quorumcache::service
