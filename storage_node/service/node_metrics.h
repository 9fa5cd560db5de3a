// SPDX-License-Identifier: Apache-2.0
// The metrics of a storage node, but for its engine's (main.cc knows which engine).
#pragma once

#include "common/metrics/registry.h"
#include "common/rpc/batch_stream_server.h"
#include "storage_node/service/exchange_service.h"
#include "storage_node/service/node_stats.h"
#include "storage_node/service/node_status.h"
#include "storage_node/service/topology_follower.h"
#include "storage_node/transfer/garbage_stats.h"
#include "storage_node/transfer/partition_mover.h"
#include "storage_node/transfer/transfer_doors.h"

namespace quorumcache::node_service {

// What is read at every scrape; all of it outlives the last scrape.
struct NodeMetricSources {
  const NodeStats& stats;
  const NodeStatus& status;
  const TopologyFollower& topology;
  const rpc::BatchStreamServer& streams;
  const ExchangeService& exchange;
  const transfer::GarbageStats& garbage;
  const transfer::MoverStats& mover;
  const transfer::TransferDoors& transfer;
};

void AddNodeMetrics(const NodeMetricSources& sources, metrics::Registry* registry);

}  // namespace quorumcache::node_service
