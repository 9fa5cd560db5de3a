// SPDX-License-Identifier: Apache-2.0
// PartitionMover between two replicas of one process: copies, drops, and stops in the middle.
#include "storage_node/transfer/partition_mover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "tests/common/rpc/loop_fixture.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::transfer {
namespace {

using model::ReplyStatus;
using replica::kIncarnation;
using replica::kPartitionCount;
using replica::Replica;

constexpr uint64_t kTargetIncarnation = 88;
constexpr uint32_t kJoinEpoch = 2;

// The other node, in this process; may keep its answers for later.
class DirectCalls final : public NodeCalls {
 public:
  DirectCalls(rpc::EventLoop& loop, Replica& source) : loop_(loop), source_(source) {}

  void Pull(const replica::NodeRef&, const replica::PullRequest& request,
            std::function<void(replica::PullReply)> done) override {
    ++pulls;
    if (failures_left > 0) {
      --failures_left;
      loop_.Post([done] { done({.status = ReplyStatus::kUnavailable, .message = "away"}); });
      return;
    }
    answers.push_back([this, request, done] { done(source_.Export(request)); });
    if (!keeps_waiting) Deliver();
  }
  void PartitionEpochs(const replica::NodeRef&, const std::vector<uint32_t>& partitions,
                       std::function<void(absl::StatusOr<std::vector<uint32_t>>)> done) override {
    loop_.Post([this, done, count = partitions.size()] {
      done(std::vector<uint32_t>(count, persisted_epoch));
    });
  }
  void Deliver() {
    for (; !answers.empty(); answers.pop_front()) loop_.Post(answers.front());
  }

  int pulls = 0;
  int failures_left = 0;
  bool keeps_waiting = false;
  uint32_t persisted_epoch = 0;
  std::deque<std::function<void()>> answers;

 private:
  rpc::EventLoop& loop_;
  Replica& source_;
};

// The fixture's replica is the source.
class PartitionMoverTest : public replica::ReplicaFixture {
 protected:
  PartitionMoverTest() {
    for (int i = 0; i < 200; ++i) {
      Do(AcceptOf(absl::StrCat("key", i), replica::BallotAt(10), std::string(100, 'v')));
    }
    replica::ReplicaOptions options = options_;
    options.incarnation = kTargetIncarnation;
    target_ = *Replica::Open(&target_engine_, options);
    std::vector<replica::PartitionAssignment> assignments;
    for (uint32_t p = 0; p < kPartitionCount; ++p) {
      assignments.push_back({p, kJoinEpoch, kJoinEpoch, /*is_held=*/true, /*is_joiner=*/true});
    }
    EXPECT_TRUE(target_->Configure(assignments).ok());
    calls_.emplace(*loop_, *replica_);
    replica::JoinerOptions joiner;
    joiner.page_size_bytes_max = 1024;
    mover_.emplace(
        *loop_, *calls_, [this](ReplicaTask task) { Run(std::move(task)); }, joiner);
  }
  ~PartitionMoverTest() override {
    mover_->Stop();
    mover_.reset();
    loop_->Drain();
  }

  // The replica's thread is the loop's here; a task may be kept waiting, as a slow disk does.
  void Run(ReplicaTask task) {
    tasks_.push_back(std::move(task));
    if (!disk_waits_) RunTasks();
  }
  void RunTasks() {
    for (; !tasks_.empty(); tasks_.pop_front()) {
      loop_->Post([this, task = tasks_.front()] { task(*target_); });
    }
  }

  std::vector<replica::JoinTask> Tasks() {
    std::vector<replica::JoinTask> tasks;
    for (uint32_t p = 0; p < kPartitionCount; ++p) {
      tasks.push_back({.partition = p,
                       .epoch = kJoinEpoch,
                       .ballot_floor_epoch = kJoinEpoch,
                       .same_slot = true,
                       .sources_needed = 1,
                       .sources = {{"n1", kIncarnation}},
                       .complete = target_->partitions().HasWholeCopy(p),
                       .progress = target_->ProgressOf(p)});
    }
    return tasks;
  }
  bool Turn(const std::function<bool()>& done) { return rpc::TurnUntil({loop_.get()}, done); }
  // Whatever is due now; not more.
  void TurnABit() {
    for (int i = 0; i < 50; ++i) loop_->RunOnce(base::MonotonicTime());
  }
  size_t WholeCopies() {
    size_t whole = 0;
    for (uint32_t p = 0; p < kPartitionCount; ++p) whole += target_->partitions().HasWholeCopy(p);
    return whole;
  }

  const rpc::SystemClock clock_;
  std::unique_ptr<rpc::EventLoop> loop_ = rpc::MakeClientLoop(clock_);
  engine::MemoryEngine target_engine_;
  std::unique_ptr<Replica> target_;
  std::deque<ReplicaTask> tasks_;
  bool disk_waits_ = false;
  std::optional<DirectCalls> calls_;
  std::optional<PartitionMover> mover_;
};

TEST_F(PartitionMoverTest, CopiesEveryPartitionPageByPage) {
  mover_->OnTasks(Tasks(), {});
  EXPECT_EQ(mover_->stats().joins_left.value(), kPartitionCount);

  EXPECT_TRUE(Turn([&] { return mover_->stats().joins_left.value() == 0; }));

  EXPECT_EQ(WholeCopies(), kPartitionCount);
  EXPECT_GT(calls_->pulls, static_cast<int>(kPartitionCount)) << "more than a page each";
  EXPECT_GT(mover_->stats().bytes_received.value(), 200u * 100u);
  EXPECT_EQ(mover_->stats().pages_failed.value(), 0u);
}

TEST_F(PartitionMoverTest, PagesThatFailAreFetchedAgain) {
  calls_->failures_left = 5;

  mover_->OnTasks(Tasks(), {});

  EXPECT_TRUE(Turn([&] { return mover_->stats().joins_left.value() == 0; }));
  EXPECT_EQ(mover_->stats().pages_failed.value(), 5u);
  EXPECT_EQ(WholeCopies(), kPartitionCount);
}

TEST_F(PartitionMoverTest, StopsWhileAPullIsOpenAndDoesNotHearItsAnswer) {
  calls_->keeps_waiting = true;
  mover_->OnTasks(Tasks(), {});
  ASSERT_TRUE(Turn([&] { return !calls_->answers.empty(); }));

  mover_->Stop();
  calls_->Deliver();
  TurnABit();

  EXPECT_EQ(WholeCopies(), 0u);
  EXPECT_EQ(mover_->stats().bytes_received.value(), 0u);
  EXPECT_TRUE(tasks_.empty());
}

TEST_F(PartitionMoverTest, StopsWhileAMergeWaitsForTheDiskAndGoesOnFromTheCursorLater) {
  disk_waits_ = true;
  mover_->OnTasks(Tasks(), {});
  ASSERT_TRUE(Turn([&] { return !tasks_.empty(); }));
  mover_->Stop();
  RunTasks();
  TurnABit();
  const int pulls = calls_->pulls;

  // A new process.
  disk_waits_ = false;
  mover_.emplace(
      *loop_, *calls_, [this](ReplicaTask task) { Run(std::move(task)); },
      replica::JoinerOptions());
  mover_->OnTasks(Tasks(), {});

  EXPECT_TRUE(Turn([&] { return WholeCopies() == kPartitionCount; }));
  EXPECT_GT(calls_->pulls, pulls);
}

TEST_F(PartitionMoverTest, TasksThatComeAfterStopAreIgnored) {
  mover_->Stop();
  mover_->OnTasks(Tasks(), {});
  TurnABit();
  EXPECT_EQ(calls_->pulls, 0);
}

}  // namespace
}  // namespace quorumcache::transfer
