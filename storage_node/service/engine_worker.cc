// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/engine_worker.h"

#include <iterator>
#include <utility>

#include "storage_node/engine/error.h"

namespace quorumcache::node_service {
namespace {

// How old what a scrape sees may be.
constexpr absl::Duration kPublishInterval = absl::Milliseconds(250);
// A batch on the loop delays pings and health checks by its own time. 5 ms: fifty times a usual
// one, a sixtieth of what a coordinator takes for death (BatchStreamClientOptions::stall_timeout).
constexpr absl::Duration kLoopBatchTimeMax = absl::Milliseconds(5);
// So long everything goes through the thread once a batch has taken longer: the disk is busy.
constexpr absl::Duration kThreadedPeriod = absl::Seconds(1);
// What waits in the background moves all the same on a node that is never idle.
constexpr absl::Duration kBackgroundWaitMax = absl::Milliseconds(50);
// Copying this much is well below a millisecond.
constexpr size_t kLoopBatchBytesMax = size_t{256} << 10;

size_t SizeOf(const std::vector<IncomingBatch>& batches) {
  size_t size_bytes = 0;
  for (const IncomingBatch& batch : batches) size_bytes += batch.bytes.Length();
  return size_bytes;
}

template <typename T>
void MoveAppend(std::vector<T>* from, std::vector<T>* to) {
  if (to->empty()) {
    to->swap(*from);
  } else {
    to->insert(to->end(), std::make_move_iterator(from->begin()),
               std::make_move_iterator(from->end()));
  }
  from->clear();
}

}  // namespace

EngineWorker::EngineWorker(rpc::EventLoop& loop, replica::Replica& replica,
                           const engine::Engine& engine, const base::Clock& clock,
                           NodeStatus& status, WorkerMetrics metrics, OnReplies on_replies)
    : loop_(loop),
      replica_(replica),
      engine_(engine),
      clock_(clock),
      status_(status),
      metrics_(metrics),
      on_replies_(std::move(on_replies)),
      processor_(replica),
      thread_([this] { Run(); }) {}

EngineWorker::~EngineWorker() {
  Stop();
}

void EngineWorker::Submit(std::vector<IncomingBatch>* batches) {
  if (RunOnLoop(*batches)) return;
  base::MutexLock lock(mutex_);
  MoveAppend(batches, &queued_.batches);
  if (is_waiting_) wake_.NotifyOne();
}

void EngineWorker::Post(std::function<void(replica::Replica&)> task) {
  base::MutexLock lock(mutex_);
  queued_.tasks.push_back(std::move(task));
  if (is_waiting_) wake_.NotifyOne();
}

void EngineWorker::PostBackground(std::function<void(replica::Replica&)> task) {
  base::MutexLock lock(mutex_);
  background_.push_back(Background{std::move(task), clock_.Read().monotonic});
  if (is_waiting_) wake_.NotifyOne();
}

void EngineWorker::Stop() {
  {
    base::MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void EngineWorker::Run() {
  Work work;
  while (Take(&work)) {
    for (const auto& task : work.tasks) task(replica_);
    work.tasks.clear();
    if (!work.batches.empty()) Process(work.batches);
    if (work.background) std::exchange(work.background, nullptr)(replica_);
    if (clock_.Read().monotonic - published_at_ >= kPublishInterval) PublishStats();
  }
  PublishStats();
}

bool EngineWorker::Take(Work* work) {
  base::MutexLock lock(mutex_);
  while ((queued_.empty() && background_.empty()) || is_claimed_) {
    if (is_stopping_ && !is_claimed_) return false;
    is_waiting_ = true;
    wake_.WaitFor(mutex_, kPublishInterval);
    is_waiting_ = false;
    // Woken by nothing: time to look how the disk is.
    if (queued_.empty() && background_.empty() && !is_stopping_ && !is_claimed_) return true;
  }
  std::swap(*work, queued_);
  TakeBackground(work);
  return true;
}

void EngineWorker::TakeBackground(Work* work) {
  if (background_.empty()) return;
  const bool is_late =
      clock_.Read().monotonic - background_.front().queued_at >= kBackgroundWaitMax;
  if (!work->empty() && !is_late) return;
  work->background = std::move(background_.front().task);
  background_.pop_front();
}

void EngineWorker::Process(std::vector<IncomingBatch>& batches) {
  std::vector<rpc::FlatMessage> messages;
  View(batches, &messages);
  const base::Now start = clock_.Read();
  processor_.Read(views_, start, &replies_);
  Execute(start);
  batches.clear();
  HandOver(&replies_);
}

void EngineWorker::View(const std::vector<IncomingBatch>& batches,
                        std::vector<rpc::FlatMessage>* messages) {
  messages->reserve(batches.size());
  views_.clear();
  for (const IncomingBatch& batch : batches) {
    messages->emplace_back(batch.bytes);
    views_.push_back(EncodedBatch{batch.stream, messages->back().bytes(), batch.arrived});
  }
}

void EngineWorker::Execute(const base::Now& start) {
  processor_.Execute(start, &replies_);
  metrics_.batches->IncrementFromOwner();
  metrics_.batch_latency->Observe(clock_.Read().monotonic - start.monotonic);
}

bool EngineWorker::RunOnLoop(std::vector<IncomingBatch>& batches) {
  const base::Now start = clock_.Read();
  if (start.monotonic < threaded_until_ || SizeOf(batches) > kLoopBatchBytesMax) return false;
  if (!Claim()) return false;
  std::vector<rpc::FlatMessage> messages;
  View(batches, &messages);
  processor_.Read(views_, start, &replies_);
  const bool waits = processor_.WaitsForFsync() || engine_.WritesAreStalled();
  if (!waits) {
    Execute(start);
    taken_.swap(replies_);
    batches.clear();
  }
  Release();
  if (waits) return false;
  if (clock_.Read().monotonic - start.monotonic > kLoopBatchTimeMax) {
    threaded_until_ = start.monotonic + kThreadedPeriod;
  }
  on_replies_(taken_);
  taken_.clear();
  return true;
}

bool EngineWorker::Claim() {
  base::MutexLock lock(mutex_);
  if (!is_waiting_ || !queued_.empty() || !done_.empty()) return false;
  is_claimed_ = true;
  return true;
}

void EngineWorker::Release() {
  base::MutexLock lock(mutex_);
  is_claimed_ = false;
  // A task may have come meanwhile, or the end.
  if (!queued_.empty() || !background_.empty() || is_stopping_) wake_.NotifyOne();
}

void EngineWorker::HandOver(std::vector<EncodedReplies>* replies) {
  bool is_first;
  {
    base::MutexLock lock(mutex_);
    is_first = done_.empty();
    MoveAppend(replies, &done_);
  }
  // One wake-up for all that is done before the loop gets to it.
  if (is_first) loop_.Post([this] { TakeReplies(); });
}

void EngineWorker::TakeReplies() {
  {
    base::MutexLock lock(mutex_);
    taken_.swap(done_);
  }
  on_replies_(taken_);
  taken_.clear();
}

void EngineWorker::PublishStats() {
  published_at_ = clock_.Read().monotonic;
  metrics_.stats->Publish(replica_);
  const absl::Status health = replica_.Health();
  status_.SetDisk(health, engine::CauseOf(health) == engine::Cause::kIo);
}

}  // namespace quorumcache::node_service
