// SPDX-License-Identifier: Apache-2.0
// WatchDoor: ClusterService.WatchCluster: a stream of what ClusterAdmin::Watch says.
//
// A client that reads slowly skips states, but never the last one.
#pragma once

#include <set>

#include "common/metrics/registry.h"
#include "common/rpc/event_loop.h"
#include "coordinator/service/cluster_admin.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cluster.grpc.pb.h"

namespace quorumcache::service {

// Loop thread only.
class WatchDoor final : public Door {
 public:
  // All outlive the door.
  WatchDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
            v1::ClusterService::AsyncService& service, ClusterAdmin& admin,
            metrics::Registry& registry);

  void Start() override;
  // Ends every stream with UNAVAILABLE.
  void Close() override;

 private:
  class Session;
  friend class Session;
  void Accept();

  rpc::EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  v1::ClusterService::AsyncService& service_;
  ClusterAdmin& admin_;
  GrpcMethodCounters counters_;
  // Those that serve.
  std::set<Session*> sessions_;
  bool closing_ = false;
};

}  // namespace quorumcache::service
