// SPDX-License-Identifier: Apache-2.0
// Coordinator: the whole coordinator but its HTTP door: event loop, links, backend, gRPC.
//
// Threads: the loop has one of its own; topology updates come from the store's thread and are
// posted to it.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/server.h"
#include "common/topology/topology_store.h"
#include "coordinator/service/change_admin.h"
#include "coordinator/service/change_driver.h"
#include "coordinator/service/coordinator_metrics.h"
#include "coordinator/service/coordinator_snapshot.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/grpc_front.h"
#include "coordinator/service/loop_services.h"
#include "coordinator/service/replica_links.h"
#include "coordinator/service/request_rules.h"
#include "coordinator/service/scan_client.h"
#include "coordinator/service/task_thread.h"
#include "coordinator/service/topology_follower.h"

namespace quorumcache::service {

struct CoordinatorOptions {
  // For people: in the storage nodes' logs.
  std::string name;
  // Reads prefer replicas in it; "": no zone.
  std::string zone;
  // host:port; port 0 picks a free one.
  std::string listen_address;
  RequestLimits limits;
  // What takes longer is kept in the slow log; infinite: nothing is.
  absl::Duration slow_threshold = absl::InfiniteDuration();
  // Random, never the same twice.
  uint64_t seed = 0;
};

// Thread-compatible, but for backend() and admin().
class Coordinator {
 public:
  // Listens when it returns, whether or not storage nodes answer; calls are held until a majority
  // of each partition does, for two seconds at most. All arguments outlive it. Errors:
  // the address cannot be listened on; there is no cluster map.
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(CoordinatorOptions options,
                                                            topology::TopologyStore& store,
                                                            const base::Clock& clock,
                                                            CoordinatorMetrics& metrics);
  // Shutdown(zero).
  ~Coordinator();

  // For doors on other threads. Stop them before Shutdown.
  CacheBackend& backend() { return *backend_; }
  ClusterAdmin& admin() { return admin_; }
  int port() const { return server_->port(); }

  // From now on health checks and /readyz say no, so that load balancers look elsewhere; all still
  // works.
  void AnnounceShutdown();
  // Until calls are no longer held. Call once, from outside of the loop.
  void WaitUntilOpen() { opened_.get_future().wait(); }
  // Takes no new connections; between AnnounceShutdown and Shutdown.
  void StopListening();
  // Takes nothing new, lets what is under way end for `grace` at most, answers the rest, and joins
  // the loop's thread. Idempotent.
  void Shutdown(absl::Duration grace);

 private:
  Coordinator(CoordinatorOptions options, topology::TopologyStore& store, const base::Clock& clock,
              CoordinatorMetrics& metrics, std::unique_ptr<rpc::Server> server,
              std::unique_ptr<GrpcFront> front);

  void OnMap(topology::ClusterMap map);
  void OnHealthChange();
  void OpenDoors();
  // Once a second: what is shown but not counted as it happens.
  void OnTick();
  CoordinatorSnapshot Snapshot() const;
  void Run();
  // Runs `ask` on the loop and waits for its answer. Not on the loop's thread.
  bool Ask(std::function<bool()> ask);
  // Three steps of Shutdown, from outside of the loop: until nobody calls any more, no gRPC call is
  // left, and no operation or scan.
  void RefuseCalls(absl::Duration grace);
  void StopCalls(absl::Duration grace);
  void AwaitIdle();

  class Ticker final : public rpc::Timer {
   public:
    explicit Ticker(Coordinator* owner) : owner_(owner) {}
    void OnTimer() override { owner_->OnTick(); }

   private:
    Coordinator* owner_;
  };

  const CoordinatorOptions options_;
  CoordinatorMetrics& metrics_;
  // Destroyed in reverse: the loop before what its last events are delivered to.
  std::unique_ptr<GrpcFront> front_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::EventLoop> loop_;
  EventLoopServices loop_services_;
  ReplicaLinks links_;
  GrpcScanClient scan_client_;
  std::unique_ptr<CoreBackend> backend_;
  TopologyFollower follower_;
  TaskThread tasks_;
  GrpcNodeCalls node_calls_;
  ChangeDriver driver_;
  ChangeAdmin admin_;
  Ticker ticker_{this};
  std::vector<LinkId> map_links_;
  int ticks_ = 0;
  bool open_ = false;
  std::promise<void> opened_;
  bool announced_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace quorumcache::service
