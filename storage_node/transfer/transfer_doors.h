// SPDX-License-Identifier: Apache-2.0
// TransferDoors: TransferService of a storage node: gives pages of its partitions, says what it has
// and how far its copies are.
//
// What takes the replica waits for it in the background; Describe is answered at once, also by a
// node that waits to be added.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/metrics/series.h"
#include "common/rpc/event_loop.h"
#include "quorumcache/internal/v1/transfer.grpc.pb.h"
#include "storage_node/engine/engine.h"
#include "storage_node/transfer/partition_mover.h"

namespace quorumcache::transfer {

struct TransferDoorsParts {
  rpc::EventLoop& loop;
  grpc::ServerCompletionQueue& queue;
  internal::v1::TransferService::AsyncService& service;
  // The replica's.
  engine::Engine& engine;
  PartitionMover& mover;
  PostToReplica post;
  std::string node_id;
  std::string cluster_id;
  uint64_t incarnation = 0;
};

// Loop thread only, but for the counters. Destroy after the loop was drained.
class TransferDoors {
 public:
  explicit TransferDoors(TransferDoorsParts parts);
  ~TransferDoors();

  void Start();
  // Refuses what takes the replica from now on; what is with it is still answered.
  void Close();

  const metrics::Counter& bytes_sent() const { return bytes_sent_; }

 private:
  struct Doors;

  const TransferDoorsParts parts_;
  bool is_closed_ = false;
  metrics::Counter bytes_sent_;
  std::unique_ptr<Doors> doors_;
};

}  // namespace quorumcache::transfer
