// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/engine_worker.h"

#include <iterator>
#include <utility>

#include "common/rpc/channel.h"
#include "storage_node/engine/error.h"

namespace quorumcache::service {
namespace {

// How old what a scrape sees may be.
constexpr absl::Duration kPublishInterval = absl::Milliseconds(250);

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
                           const base::Clock& clock, NodeStatus& status, WorkerMetrics metrics,
                           OnReplies on_replies)
    : loop_(loop),
      replica_(replica),
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
  base::MutexLock lock(mutex_);
  MoveAppend(batches, &queued_.batches);
  if (is_waiting_) wake_.NotifyOne();
}

void EngineWorker::Post(std::function<void(replica::Replica&)> task) {
  base::MutexLock lock(mutex_);
  queued_.tasks.push_back(std::move(task));
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
    if (clock_.Read().monotonic - published_at_ >= kPublishInterval) PublishStats();
  }
  PublishStats();
}

bool EngineWorker::Take(Work* work) {
  base::MutexLock lock(mutex_);
  while (queued_.empty()) {
    if (is_stopping_) return false;
    is_waiting_ = true;
    wake_.WaitFor(mutex_, kPublishInterval);
    is_waiting_ = false;
    // Woken by nothing: time to look how the disk is.
    if (queued_.empty() && !is_stopping_) return true;
  }
  std::swap(*work, queued_);
  return true;
}

void EngineWorker::Process(std::vector<IncomingBatch>& batches) {
  std::vector<rpc::FlatMessage> messages;
  messages.reserve(batches.size());
  views_.clear();
  for (const IncomingBatch& batch : batches) {
    messages.emplace_back(batch.bytes);
    views_.push_back(EncodedBatch{batch.stream, messages.back().bytes(), batch.arrived});
  }
  const base::Now start = clock_.Read();
  processor_.Process(views_, start, &replies_);
  metrics_.batches->IncrementFromOwner();
  metrics_.batch_latency->Observe(clock_.Read().monotonic - start.monotonic);
  batches.clear();
  HandOver(&replies_);
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

}  // namespace quorumcache::service
