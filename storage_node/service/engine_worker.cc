// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/engine_worker.h"

#include <algorithm>
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
// Clients are there while the last batch is no older.
constexpr absl::Duration kClientsRecent = absl::Milliseconds(50);
// Then background work rests so many times as long as it has run.
constexpr int kBackgroundRestFactor = 7;
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
  clients_at_ = clock_.Read().monotonic;
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
    if (work.background) RunBackground(std::exchange(work.background, nullptr));
    if (clock_.Read().monotonic - published_at_ >= kPublishInterval) PublishStats();
  }
  PublishStats();
}

bool EngineWorker::IsDue() const {
  if (!queued_.empty()) return true;
  if (background_.empty()) return false;
  return is_stopping_ || clock_.Read().monotonic >= background_due_;
}

absl::Duration EngineWorker::WaitTime() const {
  // While the loop has the replica, its end wakes this thread.
  if (background_.empty() || is_claimed_) return kPublishInterval;
  return std::min(kPublishInterval, background_due_ - clock_.Read().monotonic);
}

void EngineWorker::RunBackground(const std::function<void(replica::Replica&)>& task) {
  const base::MonotonicTime start = clock_.Read().monotonic;
  task(replica_);
  const base::MonotonicTime end = clock_.Read().monotonic;
  base::MutexLock lock(mutex_);
  if (start - clients_at_ < kClientsRecent) {
    background_due_ = end + kBackgroundRestFactor * (end - start);
  }
}

bool EngineWorker::Take(Work* work) {
  base::MutexLock lock(mutex_);
  while (!IsDue() || is_claimed_) {
    if (is_stopping_ && !is_claimed_) return false;
    is_waiting_ = true;
    wake_.WaitFor(mutex_, WaitTime());
    is_waiting_ = false;
    // Woken by nothing: time to look how the disk is.
    if (!IsDue() && !is_stopping_ && !is_claimed_) return true;
  }
  std::swap(*work, queued_);
  TakeBackground(work);
  return true;
}

void EngineWorker::TakeBackground(Work* work) {
  if (background_.empty()) return;
  const base::MonotonicTime now = clock_.Read().monotonic;
  if (now < background_due_ && !is_stopping_) return;
  const bool is_late = now - background_.front().queued_at >= kBackgroundWaitMax;
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
  if (!Claim(start.monotonic)) return false;
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

bool EngineWorker::Claim(base::MonotonicTime now) {
  base::MutexLock lock(mutex_);
  clients_at_ = now;
  if (!is_waiting_ || !queued_.empty() || !done_.empty()) return false;
  is_claimed_ = true;
  return true;
}

void EngineWorker::Release() {
  base::MutexLock lock(mutex_);
  is_claimed_ = false;
  // A task may have come meanwhile, or the end.
  if (IsDue() || is_stopping_) wake_.NotifyOne();
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
