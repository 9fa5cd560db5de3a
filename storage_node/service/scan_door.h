// SPDX-License-Identifier: Apache-2.0
// ScanDoor: ReplicaService.ScanPartition: one page of a partition, made by the engine thread
// between batches.
#pragma once

#include <grpcpp/completion_queue.h>

#include "common/rpc/batch_stream_server.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/unary_door.h"
#include "quorumcache/internal/v1/replica.pb.h"
#include "storage_node/replica/scan.h"
#include "storage_node/service/engine_worker.h"

namespace quorumcache::node_service {

// FAILED_PRECONDITION: another incarnation, epoch or partition. UNAVAILABLE: not serving, fenced.
grpc::Status ScanStatus(const replica::ScanPage& page);
void FillResponse(replica::ScanPage page, internal::v1::ScanPartitionResponse* response);

// Thread-compatible: everything on the loop's thread. Destroy after the loop was drained.
class ScanDoor final : private rpc::UnaryDoor<internal::v1::ScanPartitionRequest,
                                              internal::v1::ScanPartitionResponse>::Handler {
 public:
  ScanDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
           rpc::ReplicaAsyncService& service);

  // Answers from now on; `worker` outlives the calls.
  void Start(EngineWorker& worker);
  // Refuses from now on; what is with the worker is still answered.
  void Close();
  // Calls on their way through the engine thread.
  int under_way() const { return under_way_; }

 private:
  using Door =
      rpc::UnaryDoor<internal::v1::ScanPartitionRequest, internal::v1::ScanPartitionResponse>;
  void OnCall(Door::Call& call) override;

  rpc::EventLoop& loop_;
  Door door_;
  EngineWorker* worker_ = nullptr;
  bool is_closed_ = false;
  int under_way_ = 0;
};

}  // namespace quorumcache::node_service
