// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/cluster_doors.h"

#include <utility>

#include "common/rpc/unary_door.h"
#include "coordinator/service/cluster_messages.h"
#include "coordinator/service/door_limits.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/grpc_errors.h"

namespace quorumcache::service {
namespace {

using Service = v1::ClusterService::AsyncService;

GrpcMethodCounters CountersOf(metrics::Registry& registry, const char* method) {
  return GrpcMethodCounters(registry, {v1::ClusterService::service_full_name(), method, "unary"});
}

class ClusterMapDoor final
    : public Door,
      private rpc::UnaryDoor<v1::GetClusterMapRequest, v1::GetClusterMapResponse>::Handler {
 public:
  using Unary = rpc::UnaryDoor<v1::GetClusterMapRequest, v1::GetClusterMapResponse>;

  ClusterMapDoor(grpc::ServerCompletionQueue& queue, Service& service, CoreBackend& backend,
                 metrics::Registry& registry)
      : backend_(backend),
        counters_(CountersOf(registry, "GetClusterMap")),
        door_(queue, service, &Service::RequestGetClusterMap, *this) {}

  void Start() override { door_.Start(kColdCallsWaiting); }
  void Close() override {}

 private:
  void OnCall(Unary::Call& call) override {
    counters_.Started();
    const ClusterView view = backend_.Describe();
    grpc::Status status;
    if (view.epoch == 0) {
      status = ToGrpcStatus(NoTopologyError());
    } else {
      FillMessage(view, call.response());
    }
    counters_.Handled(static_cast<absl::StatusCode>(status.error_code()));
    call.Finish(status);
  }

  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  Unary door_;
};

class LocateDoor final
    : public Door,
      private rpc::UnaryDoor<v1::LocateKeyRequest, v1::LocateKeyResponse>::Handler {
 public:
  using Unary = rpc::UnaryDoor<v1::LocateKeyRequest, v1::LocateKeyResponse>;

  LocateDoor(grpc::ServerCompletionQueue& queue, Service& service, CoreBackend& backend,
             metrics::Registry& registry)
      : backend_(backend),
        counters_(CountersOf(registry, "LocateKey")),
        door_(queue, service, &Service::RequestLocateKey, *this) {}

  void Start() override { door_.Start(kColdCallsWaiting); }
  void Close() override {}

 private:
  void OnCall(Unary::Call& call) override {
    counters_.Started();
    backend_.LocateOnLoop(std::move(*call.request().mutable_namespace_()),
                          std::move(*call.request().mutable_key()),
                          [this, &call](KeyLocation location) { Answer(call, location); });
  }

  void Answer(Unary::Call& call, const KeyLocation& location) {
    counters_.Handled(location.error.code);
    if (!location.error.ok()) return call.Finish(ToGrpcStatus(location.error));
    FillMessage(location, call.response());
    call.Finish(grpc::Status::OK);
  }

  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  Unary door_;
};

class SlowLogDoor final
    : public Door,
      private rpc::UnaryDoor<v1::ReadSlowLogRequest, v1::ReadSlowLogResponse>::Handler {
 public:
  using Unary = rpc::UnaryDoor<v1::ReadSlowLogRequest, v1::ReadSlowLogResponse>;

  SlowLogDoor(grpc::ServerCompletionQueue& queue, Service& service, CoreBackend& backend,
              metrics::Registry& registry)
      : backend_(backend),
        counters_(CountersOf(registry, "ReadSlowLog")),
        door_(queue, service, &Service::RequestReadSlowLog, *this) {}

  void Start() override { door_.Start(kColdCallsWaiting); }
  void Close() override {}

 private:
  void OnCall(Unary::Call& call) override {
    counters_.Started();
    FillMessage(backend_.ReadSlowLogOnLoop({call.request().limit(), call.request().reset()}),
                call.response());
    counters_.Handled(absl::StatusCode::kOk);
    call.Finish(grpc::Status::OK);
  }

  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  Unary door_;
};

}  // namespace

std::vector<std::unique_ptr<Door>> MakeClusterDoors(grpc::ServerCompletionQueue& queue,
                                                    Service& service, CoreBackend& backend,
                                                    metrics::Registry& registry) {
  std::vector<std::unique_ptr<Door>> doors;
  doors.push_back(std::make_unique<ClusterMapDoor>(queue, service, backend, registry));
  doors.push_back(std::make_unique<LocateDoor>(queue, service, backend, registry));
  doors.push_back(std::make_unique<SlowLogDoor>(queue, service, backend, registry));
  return doors;
}

}  // namespace quorumcache::service
