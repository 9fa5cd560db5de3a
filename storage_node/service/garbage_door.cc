// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/garbage_door.h"

#include "common/rpc/grpc_status.h"
#include "storage_node/transfer/garbage_step.h"

namespace quorumcache::node_service {
namespace {

constexpr int kWaitingCalls = 4;
// Each node runs one round at a time and asks one thing at a time, so this is many nodes at once.
constexpr int kUnderWayMax = 64;

}  // namespace

GarbageDoor::GarbageDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                         rpc::ReplicaAsyncService& service, const base::Clock& clock)
    : loop_(loop),
      clock_(clock),
      door_(queue, service, &rpc::ReplicaAsyncService::RequestCollectGarbage,
            static_cast<Door::Handler&>(*this)) {}

void GarbageDoor::Start(EngineWorker& worker) {
  worker_ = &worker;
  door_.Start(kWaitingCalls);
}

void GarbageDoor::Close() {
  is_closed_ = true;
  door_.Close();
}

void GarbageDoor::OnCall(Door::Call& call) {
  if (is_closed_ || under_way_ >= kUnderWayMax) {
    call.Finish(is_closed_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node is stopping")
                           : grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                          "too many garbage rounds are under way"));
    return;
  }
  ++under_way_;
  worker_->PostBackground([this, &call](replica::Replica& replica) {
    const grpc::Status status = rpc::ToGrpcStatus(
        transfer::ExecuteStep(call.request(), replica, clock_.Read().wall_ms, &call.response()));
    loop_.Post([this, &call, status] {
      --under_way_;
      call.Finish(status);
    });
  });
}

}  // namespace quorumcache::node_service
