// SPDX-License-Identifier: Apache-2.0
// EngineWorker: who touches the replica and its disk, one thread at a time.
//
// Work that may wait for the disk goes through a thread of its own: the event loop hands over all
// that has come in an iteration at once, and gets the replies of all that was waiting back at once,
// so a write stall or a slow fsync delays those batches only. Work that does not wait, which is
// nearly all of it (the record cache, the memtable, the page cache), is done on the loop itself
// while that thread is idle: two thread switches cost more than a small batch (docs/adr/0004). What
// may wait: an fsync, a stalled engine, a large batch, and everything for a second after a batch on
// the loop has taken long. Work that nobody waits for (garbage rounds) fills the gaps, in small
// pieces.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/metrics/latency_histogram.h"
#include "common/metrics/series.h"
#include "common/rpc/channel.h"
#include "common/rpc/event_loop.h"
#include "storage_node/replica/replica.h"
#include "storage_node/service/batch_processor.h"
#include "storage_node/service/node_stats.h"
#include "storage_node/service/node_status.h"

namespace quorumcache::node_service {

// One message of a stream, as it came.
struct IncomingBatch {
  uint64_t stream = 0;
  grpc::ByteBuffer bytes;
  base::MonotonicTime arrived;
};

// What the worker counts with; all outlive it.
struct WorkerMetrics {
  metrics::Counter* batches = nullptr;
  metrics::LatencyHistogram* batch_latency = nullptr;
  NodeStats* stats = nullptr;
};

class EngineWorker {
 public:
  // Gets the replies, on the loop's thread; may swap the vector away.
  using OnReplies = std::function<void(std::vector<EncodedReplies>& replies)>;

  // Starts the thread. All references outlive the worker.
  // `engine` is the replica's.
  EngineWorker(rpc::EventLoop& loop, replica::Replica& replica, const engine::Engine& engine,
               const base::Clock& clock, NodeStatus& status, WorkerMetrics metrics,
               OnReplies on_replies);
  // Stop().
  ~EngineWorker();
  EngineWorker(const EngineWorker&) = delete;
  EngineWorker& operator=(const EngineWorker&) = delete;

  // Does the batches at once and hands out their replies, or queues them; empties the vector. The
  // caller bounds how much is under way. Loop thread.
  void Submit(std::vector<IncomingBatch>* batches);
  // Queues a task to run between batches. Thread-safe.
  void Post(std::function<void(replica::Replica&)> task);
  // The same for work that can wait: runs when nothing else is queued, or once it has waited for
  // kBackgroundWaitMax. One task is to be well below a millisecond of work. While there are
  // clients, such work takes an eighth of the thread's time at most: what it costs them is delay,
  // and the processors of a machine are shared.
  void PostBackground(std::function<void(replica::Replica&)> task);
  // Does all that is queued, then ends the thread. The replies are posted to the loop. Idempotent;
  // from one thread.
  void Stop();

 private:
  struct Background {
    std::function<void(replica::Replica&)> task;
    base::MonotonicTime queued_at;
  };
  struct Work {
    std::vector<IncomingBatch> batches;
    std::vector<std::function<void(replica::Replica&)>> tasks;
    std::function<void(replica::Replica&)> background;
    bool empty() const { return batches.empty() && tasks.empty(); }
  };

  void Run();
  // Waits for work; false when there is none and never will be.
  bool Take(Work* work);
  // Whether something can be done now.
  bool IsDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration WaitTime() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunBackground(const std::function<void(replica::Replica&)>& task);
  // Adds the first background task, where its time has come.
  void TakeBackground(Work* work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Process(std::vector<IncomingBatch>& batches);
  void View(const std::vector<IncomingBatch>& batches, std::vector<rpc::FlatMessage>* messages);
  void Execute(const base::Now& start);
  void HandOver(std::vector<EncodedReplies>* replies);
  void PublishStats();

  // Loop thread.
  void TakeReplies();
  // Does the batches here and now, unless they might wait; false: they are untouched.
  bool RunOnLoop(std::vector<IncomingBatch>& batches);
  // Between the two the replica is the loop's. Fails unless the engine thread is idle.
  bool Claim(base::MonotonicTime now);
  void Release();

  rpc::EventLoop& loop_;
  replica::Replica& replica_;
  const engine::Engine& engine_;
  const base::Clock& clock_;
  NodeStatus& status_;
  const WorkerMetrics metrics_;
  const OnReplies on_replies_;

  base::Mutex mutex_;
  base::CondVar wake_;
  Work queued_ ABSL_GUARDED_BY(mutex_);
  std::deque<Background> background_ ABSL_GUARDED_BY(mutex_);
  // When a client's batch came last, and when the next background task may run.
  base::MonotonicTime clients_at_ ABSL_GUARDED_BY(mutex_);
  base::MonotonicTime background_due_ ABSL_GUARDED_BY(mutex_);
  bool is_waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_claimed_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<EncodedReplies> done_ ABSL_GUARDED_BY(mutex_);

  // Of the engine thread, or of the loop while it has claimed the replica.
  BatchProcessor processor_;
  std::vector<EncodedBatch> views_;
  std::vector<EncodedReplies> replies_;
  base::MonotonicTime published_at_;
  // Loop thread only.
  std::vector<EncodedReplies> taken_;
  base::MonotonicTime threaded_until_;

  std::thread thread_;  // last: starts when everything else is there
};

}  // namespace quorumcache::node_service
