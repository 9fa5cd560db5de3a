// SPDX-License-Identifier: Apache-2.0
// Pipeline: any single-key operations over one stream, answered in any order. The fast door: what
// comes in one message costs one message's worth of gRPC, and answers that are ready together leave
// together.
#pragma once

#include <memory>
#include <set>

#include "common/metrics/registry.h"
#include "common/rpc/event_loop.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::service {

// Loop thread only.
class PipelineDoor final : public Door {
 public:
  // All outlive the door.
  PipelineDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
               v1::CacheService::AsyncService& service, CoreBackend& backend,
               metrics::Registry& registry);
  ~PipelineDoor() override;

  void Start() override;
  void Close() override;

 private:
  class Session;
  friend class Session;
  void Accept();

  rpc::EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  v1::CacheService::AsyncService& service_;
  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  bool closing_ = false;
  // They delete themselves, and the door what is left when the loop has ended; the one that waits
  // for a client is among them.
  std::set<Session*> sessions_;
};

}  // namespace quorumcache::service
