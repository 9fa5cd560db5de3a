// SPDX-License-Identifier: Apache-2.0
// Scan: pages of a namespace over a server stream; the next page is made when the last one has been
// taken.
#pragma once

#include "common/metrics/registry.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::service {

// Loop thread only.
class ScanDoor final : public Door {
 public:
  // All outlive the door.
  ScanDoor(grpc::ServerCompletionQueue& queue, v1::CacheService::AsyncService& service,
           CoreBackend& backend, metrics::Registry& registry);

  void Start() override;
  // Streams end with their next page.
  void Close() override { closing_ = true; }

 private:
  class Session;
  friend class Session;
  void Accept();

  grpc::ServerCompletionQueue& queue_;
  v1::CacheService::AsyncService& service_;
  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  bool closing_ = false;
};

}  // namespace quorumcache::service
