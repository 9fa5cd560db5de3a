// SPDX-License-Identifier: Apache-2.0
// GarbageDoor: ReplicaService.CollectGarbage: one step of a garbage round that some replica of the
// partition runs, executed by the engine thread when it has nothing better to do.
#pragma once

#include <grpcpp/completion_queue.h>

#include "common/base/clock.h"
#include "common/rpc/batch_stream_server.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/unary_door.h"
#include "quorumcache/internal/v1/replica.pb.h"
#include "storage_node/service/engine_worker.h"

namespace quorumcache::node_service {

// Thread-compatible: everything on the loop's thread. Destroy after the loop was drained.
class GarbageDoor final : private rpc::UnaryDoor<internal::v1::CollectGarbageRequest,
                                                 internal::v1::CollectGarbageResponse>::Handler {
 public:
  // `clock` is thread-safe and outlives the calls.
  GarbageDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
              rpc::ReplicaAsyncService& service, const base::Clock& clock);

  // Answers from now on; `worker` outlives the calls.
  void Start(EngineWorker& worker);
  // Refuses from now on; what is with the worker is still answered.
  void Close();

 private:
  using Door =
      rpc::UnaryDoor<internal::v1::CollectGarbageRequest, internal::v1::CollectGarbageResponse>;
  void OnCall(Door::Call& call) override;

  rpc::EventLoop& loop_;
  const base::Clock& clock_;
  Door door_;
  EngineWorker* worker_ = nullptr;
  bool is_closed_ = false;
  int under_way_ = 0;
};

}  // namespace quorumcache::node_service
