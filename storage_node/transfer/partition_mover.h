// SPDX-License-Identifier: Apache-2.0
// PartitionMover: runs Joiner and Dropper (storage_node/replica) in a storage node: their pulls and
// questions go to other nodes, their merges and drops to the replica, in the background.
//
// What they decide is theirs; here is only who is asked how, and what is counted.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/metrics/series.h"
#include "common/rpc/event_loop.h"
#include "storage_node/replica/dropper.h"
#include "storage_node/replica/joiner.h"
#include "storage_node/replica/replica.h"
#include "storage_node/transfer/node_calls.h"

namespace quorumcache::transfer {

// Runs a task with the replica, on its thread, when nothing more urgent is to be done. False: the
// replica is not served any more, and the task never runs.
using ReplicaTask = std::function<void(replica::Replica&)>;
using PostToReplica = std::function<void(ReplicaTask)>;

// Counted on the loop, read by any thread.
struct MoverStats {
  metrics::Counter bytes_received;
  metrics::Counter pages_failed;
  metrics::Counter entries_dropped;
  metrics::Gauge joins_left;
  metrics::Gauge drops_left;
};

// Loop thread only.
class PartitionMover {
 public:
  // All outlive the mover.
  PartitionMover(rpc::EventLoop& loop, NodeCalls& calls, PostToReplica post,
                 const replica::JoinerOptions& options);
  ~PartitionMover();

  // What the map says now.
  void OnTasks(const std::vector<replica::JoinTask>& joins,
               const std::vector<replica::DropTask>& drops);
  // Starts nothing more; what is under way ends by itself, unheard.
  void Stop();

  const MoverStats& stats() const { return stats_; }
  uint64_t bytes_per_second_max() const { return options_.bytes_per_second; }

 private:
  class Alarm final : public rpc::Timer {
   public:
    explicit Alarm(PartitionMover* owner) : owner_(owner) {}
    void OnTimer() override { owner_->OnTimer(); }

   private:
    PartitionMover* owner_;
  };

  void OnTimer();
  void Do(const replica::Joiner::Actions& actions);
  void Do(const replica::Dropper::Actions& actions);
  void Pull(const replica::Joiner::Pull& pull);
  void Import(const replica::Joiner::Import& import);
  void Drop(uint32_t partition);
  // After every step: publishes counts, says what fails, arms the timer.
  void Settle();
  base::MonotonicTime now() const { return loop_.now().monotonic; }

  rpc::EventLoop& loop_;
  NodeCalls& calls_;
  const PostToReplica post_;
  const replica::JoinerOptions options_;
  replica::Joiner joiner_;
  replica::Dropper dropper_;
  Alarm alarm_{this};
  MoverStats stats_;
  std::string told_error_;
  size_t told_joins_left_ = 0;
  bool is_stopped_ = false;
};

}  // namespace quorumcache::transfer
