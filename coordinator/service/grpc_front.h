// SPDX-License-Identifier: Apache-2.0
// GrpcFront: everything the coordinator serves over gRPC: CacheService, ClusterService, health,
// reflection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/rpc/event_loop.h"
#include "common/rpc/health_service.h"
#include "common/rpc/reflection_service.h"
#include "coordinator/service/cluster_admin.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cache.grpc.pb.h"
#include "quorumcache/v1/cluster.grpc.pb.h"

namespace quorumcache::service {

// Construct before the server starts; all else on the loop's thread. Destroy after the loop was
// drained.
class GrpcFront {
 public:
  GrpcFront();

  // For rpc::ServerOptions.
  std::vector<grpc::Service*> services();

  // Answers health checks and reflection; other calls wait for Open. All outlive the front. Call
  // once.
  void Start(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue, CoreBackend& backend,
             metrics::Registry& registry);
  // The methods that change the cluster; once, between Start and Open. `admin` outlives the front.
  void ServeAdmin(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue, ClusterAdmin& admin,
                  metrics::Registry& registry);
  // Takes calls from now on. Call once.
  void Open();
  // What health checks are told about the server and its services.
  void SetServing(bool serving);
  // Streams end when what they have under way is answered; new ones are told that this server
  // stops.
  void CloseDoors();
  // Before the server stops: health is NOT_SERVING, streams end.
  void Close();

 private:
  v1::CacheService::AsyncService cache_service_;
  v1::ClusterService::AsyncService cluster_service_;
  rpc::HealthService health_;
  rpc::ReflectionService reflection_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace quorumcache::service
