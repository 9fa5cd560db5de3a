// SPDX-License-Identifier: Apache-2.0
// EngineWorker: who gets the thread when; the clock stands unless a test moves it.
#include "storage_node/service/engine_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/metrics/names.h"
#include "common/metrics/registry.h"
#include "tests/common/rpc/loop_fixture.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::node_service {
namespace {

using testing::ElementsAre;

// Thread-safe.
class StandingClock final : public base::Clock {
 public:
  base::Now Read() const override {
    return {base::MonotonicTime::FromNanos(nanos_), replica::kWallMs};
  }
  void Advance(absl::Duration time) { nanos_ += absl::ToInt64Nanoseconds(time); }

 private:
  std::atomic<int64_t> nanos_ = 1'000'000'000'000;
};

class EngineWorkerTest : public replica::ReplicaFixture {
 protected:
  EngineWorkerTest() {
    const WorkerMetrics metrics{.batches = &registry_.AddCounter(metrics::storage_node::kBatches),
                                .batch_latency = &registry_.AddHistogram(
                                    metrics::storage_node::kBatchLatency, metrics::Writers::kOne),
                                .stats = &stats_};
    worker_ = std::make_unique<EngineWorker>(
        *loop_, *replica_, engine_, clock_, status_, metrics,
        [this](std::vector<EncodedReplies>& replies) { answered_ += replies.size(); });
  }
  ~EngineWorkerTest() override {
    worker_->Stop();
    loop_->Drain();
  }

  // A client's message, which holds no request.
  void ServeClient() {
    std::vector<IncomingBatch> batches(1);
    worker_->Submit(&batches);
    EXPECT_TRUE(rpc::TurnUntil({}, [this] {
      loop_->RunOnce(clock_.Read().monotonic);
      return answered_ > 0;
    }));
  }
  void Background(const std::string& name, absl::Duration takes, absl::Notification* done) {
    worker_->PostBackground([this, name, takes, done](replica::Replica&) {
      events_.push_back(name);
      clock_.Advance(takes);
      done->Notify();
    });
  }
  void Urgent(const std::string& name) {
    absl::Notification done;
    worker_->Post([this, name, &done](replica::Replica&) {
      events_.push_back(name);
      done.Notify();
    });
    done.WaitForNotification();
  }

  StandingClock clock_;
  std::unique_ptr<rpc::EventLoop> loop_ = rpc::MakeClientLoop(clock_);
  metrics::Registry registry_;
  NodeStats stats_;
  NodeStatus status_{[](bool) {}};
  size_t answered_ = 0;
  // Of the engine thread; read where nothing is under way there.
  std::vector<std::string> events_;
  absl::Notification first_, second_;
  std::unique_ptr<EngineWorker> worker_;
};

TEST_F(EngineWorkerTest, BackgroundWorkRestsSevenTimesItsTimeWhileThereAreClients) {
  ServeClient();
  Background("first", absl::Milliseconds(10), &first_);
  Background("second", absl::ZeroDuration(), &second_);
  first_.WaitForNotification();

  Urgent("one");
  Urgent("two");
  clock_.Advance(absl::Milliseconds(69));
  Urgent("three");
  EXPECT_FALSE(second_.HasBeenNotified());

  clock_.Advance(absl::Milliseconds(1));
  second_.WaitForNotification();
  EXPECT_THAT(events_, ElementsAre("first", "one", "two", "three", "second"));
}

TEST_F(EngineWorkerTest, BackgroundWorkGoesOnAtOnceWhereNobodyIsServed) {
  Background("first", absl::Seconds(10), &first_);
  Background("second", absl::ZeroDuration(), &second_);

  second_.WaitForNotification();

  EXPECT_THAT(events_, ElementsAre("first", "second"));
}

TEST_F(EngineWorkerTest, ClientsOfLongAgoDoNotCount) {
  ServeClient();
  clock_.Advance(absl::Seconds(1));
  Background("first", absl::Seconds(10), &first_);
  Background("second", absl::ZeroDuration(), &second_);

  second_.WaitForNotification();
}

TEST_F(EngineWorkerTest, WhatRestsIsDoneBeforeTheEnd) {
  ServeClient();
  Background("first", absl::Seconds(10), &first_);
  Background("second", absl::ZeroDuration(), &second_);

  worker_->Stop();

  EXPECT_THAT(events_, ElementsAre("first", "second"));
}

}  // namespace
}  // namespace quorumcache::node_service
