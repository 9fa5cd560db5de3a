// SPDX-License-Identifier: Apache-2.0
// Scan: pages of a namespace over a server stream; the next page is made when the last one has been
// taken.
#pragma once

#include <set>

#include "common/metrics/registry.h"
#include "common/rpc/event_loop.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::service {

// Loop thread only.
class ScanDoor final : public Door {
 public:
  // All outlive the door.
  ScanDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
           v1::CacheService::AsyncService& service, CoreBackend& backend,
           metrics::Registry& registry);
  ~ScanDoor() override;

  void Start() override;
  // Streams end with their next page: a backend that drains refuses it.
  void Close() override {}

 private:
  class Session;
  friend class Session;
  void Accept();

  rpc::EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  v1::CacheService::AsyncService& service_;
  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  // They delete themselves, and the door what is left when the loop has ended.
  std::set<Session*> sessions_;
};

}  // namespace quorumcache::service
