// SPDX-License-Identifier: Apache-2.0
// The unary doors of CacheService, one key each: parse, execute, answer.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/metrics/registry.h"
#include "common/rpc/unary_door.h"
#include "coordinator/service/cache_messages.h"
#include "coordinator/service/call_deadline.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/door.h"
#include "coordinator/service/grpc_counters.h"
#include "coordinator/service/grpc_errors.h"
#include "coordinator/service/response_sink.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::service {

// One single-key method. Thread-compatible: everything on the loop's thread.
template <typename Request, typename Response>
class CacheDoor final : public Door,
                        private rpc::UnaryDoor<Request, Response>::Handler,
                        private ResponseSink {
 public:
  using Unary = rpc::UnaryDoor<Request, Response>;

  // All outlive the door. `method` is AsyncService::RequestGet and the like.
  template <typename Service, typename Method>
  CacheDoor(grpc::ServerCompletionQueue& queue, Service& service, Method method,
            CoreBackend& backend, const GrpcMethodCounters& counters, int waiting)
      : backend_(backend),
        counters_(counters),
        waiting_(waiting),
        door_(queue, service, method, *this) {}

  void Start() override { door_.Start(waiting_); }
  void Close() override {}

 private:
  using Call = typename Unary::Call;

  void OnCall(Call& call) override {
    counters_.Started();
    CacheRequest request;
    TakeRequest(call.request(), request);
    request.timeout = TimeLeft(call.context());
    backend_.Execute(std::move(request), *this, reinterpret_cast<uintptr_t>(&call));
  }

  void OnResponse(uint64_t cookie, CacheResponse&& response) override {
    Call& call = *reinterpret_cast<Call*>(static_cast<uintptr_t>(cookie));
    counters_.Handled(response.error.code);
    if (!response.error.ok()) return call.Finish(ToGrpcStatus(response.error));
    FillMessage(std::move(response), call.response());
    call.Finish(grpc::Status::OK);
  }

  Caller CallerOf(uint64_t cookie) override {
    return {.peer = reinterpret_cast<Call*>(static_cast<uintptr_t>(cookie))->context().peer()};
  }

  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  const int waiting_;
  Unary door_;
};

// Get, Set, Delete, Touch, Increment, CompareAndSet.
std::vector<std::unique_ptr<Door>> MakeCacheDoors(grpc::ServerCompletionQueue& queue,
                                                  v1::CacheService::AsyncService& service,
                                                  CoreBackend& backend,
                                                  metrics::Registry& registry);

}  // namespace quorumcache::service
