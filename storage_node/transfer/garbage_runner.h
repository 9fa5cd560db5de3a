// SPDX-License-Identifier: Apache-2.0
// GarbageRunner: does what GarbageKeeper says: timers, the node's own replica, and the other nodes
// by gRPC.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/rpc/event_loop.h"
#include "common/topology/cluster_map.h"
#include "storage_node/replica/replica.h"
#include "storage_node/transfer/garbage_keeper.h"

namespace quorumcache::transfer {

// SetMap is thread-safe; all else belongs to the loop's thread. Destroy after the loop was drained.
class GarbageRunner {
 public:
  // Runs a task with the node's replica, in the background, once: EngineWorker::PostBackground.
  using PostTask = std::function<void(std::function<void(replica::Replica&)>)>;

  // `loop`, `clock` and `stats` outlive the runner.
  GarbageRunner(rpc::EventLoop& loop, const base::Clock& clock, const GarbageSettings& settings,
                PostTask post_task, GarbageStats* stats);

  // The map in force; the first starts the passes.
  void SetMap(std::shared_ptr<const topology::ClusterMap> map);
  // Asks nothing more; what is under way is not waited for.
  void Close();

 private:
  class Wake final : public rpc::Timer {
   public:
    explicit Wake(GarbageRunner* runner) : runner_(runner) {}
    void OnTimer() override { runner_->OnTimer(); }

   private:
    GarbageRunner* runner_;
  };

  void OnTimer();
  void Perform(GarbageOutput output);
  void ReadView();
  void AskSelf(GarbageAsk ask);
  void AskPeer(GarbageAsk ask);
  void OnAnswer(uint64_t id, const absl::Status& status,
                const internal::v1::CollectGarbageResponse& response);

  rpc::EventLoop& loop_;
  const base::Clock& clock_;
  const PostTask post_task_;
  GarbageKeeper keeper_;
  Wake wake_{this};
  bool is_closed_ = false;
  base::MonotonicTime log_at_;
  // By address; one that failed is made anew, so that gRPC's own backoff does not hide a node that
  // is back.
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace quorumcache::transfer
