// SPDX-License-Identifier: Apache-2.0
// StorageNode: a running storage node around a replica that is already open.
//
// Three threads: the event loop (all gRPC), the engine thread (EngineWorker) and the HTTP server's;
// the topology store calls from one of its own. main.cc opens identity, engine and replica, tests
// bring a memory engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/metrics/registry.h"
#include "common/rpc/batch_stream_server.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/health_service.h"
#include "common/rpc/reflection_service.h"
#include "common/rpc/server.h"
#include "common/topology/topology_store.h"
#include "storage_node/replica/replica.h"
#include "storage_node/service/engine_worker.h"
#include "storage_node/service/exchange_service.h"
#include "storage_node/service/garbage_door.h"
#include "storage_node/service/identity.h"
#include "storage_node/service/node_stats.h"
#include "storage_node/service/node_status.h"
#include "storage_node/service/scan_door.h"
#include "storage_node/service/topology_follower.h"
#include "storage_node/transfer/garbage_runner.h"
#include "storage_node/transfer/node_calls.h"
#include "storage_node/transfer/partition_mover.h"
#include "storage_node/transfer/transfer_doors.h"

namespace quorumcache::node_service {

struct StorageNodeOptions {
  std::string listen = "127.0.0.1:7400";
  std::string http_host = "127.0.0.1";
  uint16_t http_port = 7490;
  ExchangeLimits limits;
  // Its node_id and seed are filled in.
  transfer::GarbageSettings garbage;
  // What this node copies from others, per second; 0: as fast as it can.
  uint64_t rebalance_bytes_per_second = 0;
};

// What a node is made of; all of it outlives the node.
struct StorageNodeParts {
  Identity identity;
  uint32_t partition_count = 0;
  replica::Replica& replica;
  engine::Engine& engine;  // the replica's
  topology::TopologyStore& store;
  const base::Clock& clock;
  metrics::Registry& registry;
};

// Start and Stop from one thread.
class StorageNode {
 public:
  // Listens when it returns, and serves once the cluster map has been read. UNAVAILABLE: a port is
  // in use, or the store cannot be watched.
  static absl::StatusOr<std::unique_ptr<StorageNode>> Start(const StorageNodeOptions& options,
                                                            const StorageNodeParts& parts);
  // Stop().
  ~StorageNode();
  StorageNode(const StorageNode&) = delete;
  StorageNode& operator=(const StorageNode&) = delete;

  // Takes nothing new, answers what is under way, tells the peers and ends all threads. The replica
  // is the caller's again. Idempotent.
  void Stop();

  const NodeStatus& status() const { return status_; }
  int grpc_port() const { return server_->port(); }
  int http_port() const { return http_->port(); }

 private:
  class FollowAgain final : public rpc::Timer {
   public:
    explicit FollowAgain(StorageNode* node) : node_(node) {}
    void OnTimer() override { node_->follower_->TryAgain(); }

   private:
    StorageNode* node_;
  };

  StorageNode();

  absl::Status Listen(const StorageNodeOptions& options);
  void Assemble(const StorageNodeOptions& options, const StorageNodeParts& parts);
  void AssembleGarbage(const StorageNodeOptions& options, const StorageNodeParts& parts);
  absl::Status StartOutside(const StorageNodeOptions& options, const StorageNodeParts& parts);
  void AssembleTransfer(const StorageNodeOptions& options, const StorageNodeParts& parts);
  // Loop thread: what NodeStatus says is told to the peers.
  void FollowStatus();
  // Loop thread: nothing new is handed to the engine thread after this.
  void RefuseNewWork();
  void CloseDoors();

  rpc::ReplicaAsyncService service_;
  internal::v1::TransferService::AsyncService transfer_service_;
  rpc::HealthService health_;
  rpc::ReflectionService reflection_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::EventLoop> loop_;
  NodeStatus status_;
  NodeStats stats_;
  std::optional<ExchangeService> exchange_;
  std::optional<rpc::BatchStreamServer> streams_;
  std::optional<ScanDoor> scan_door_;
  std::optional<GarbageDoor> garbage_door_;
  transfer::GarbageStats garbage_stats_;
  std::optional<EngineWorker> worker_;
  std::optional<transfer::GarbageRunner> garbage_;
  std::optional<transfer::GrpcNodeCalls> node_calls_;
  std::optional<transfer::PartitionMover> mover_;
  std::optional<transfer::TransferDoors> transfer_doors_;
  std::optional<TopologyFollower> follower_;
  FollowAgain follow_again_{this};
  http::Router router_;
  std::unique_ptr<http::Server> http_;
  std::thread loop_thread_;
};

}  // namespace quorumcache::node_service
