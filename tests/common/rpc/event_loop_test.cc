// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/event_loop.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/loop_fixture.h"

namespace quorumcache::rpc {
namespace {

using testing::ElementsAre;

class Output final : public Flushable {
 public:
  explicit Output(std::function<void()> action) : action_(std::move(action)) {}
  void Flush() override { action_(); }

 private:
  std::function<void()> action_;
};

class Alarm final : public Timer {
 public:
  explicit Alarm(std::function<void()> action) : action_(std::move(action)) {}
  void OnTimer() override { action_(); }

 private:
  std::function<void()> action_;
};

class EventLoopTest : public testing::Test {
 protected:
  SystemClock clock_;
  std::unique_ptr<EventLoop> loop_ = MakeClientLoop(clock_);
};

TEST_F(EventLoopTest, PostedFunctionsRunInOrderOnTheLoopsThread) {
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) loop_->Post([&order, i] { order.push_back(i); });
  EXPECT_TRUE(order.empty());

  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return order.size() == 3; }));

  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST_F(EventLoopTest, PostsOfManyThreadsAllArrive) {
  constexpr int kThreads = 4, kPosts = 5'000;
  int ran = 0;
  std::thread loop_thread([&] { loop_->Run(); });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kPosts; ++k) loop_->Post([&ran] { ++ran; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  loop_->Stop();
  loop_thread.join();

  EXPECT_EQ(ran, kThreads * kPosts);
}

TEST_F(EventLoopTest, WhatIsMarkedIsFlushedOnceAtTheEndOfTheIteration) {
  std::vector<std::string> order;
  Output output([&] { order.push_back("flush"); });
  loop_->Post([&] {
    loop_->MarkDirty(output);
    loop_->MarkDirty(output);
    order.push_back("event");
  });

  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return order.size() >= 2; }));
  loop_->RunOnce(base::MonotonicTime());

  EXPECT_THAT(order, ElementsAre("event", "flush"));
}

TEST_F(EventLoopTest, AFlushMayMarkAnotherAndDestroyAThird) {
  int second_flushed = 0, third_flushed = 0;
  Output second([&] { ++second_flushed; });
  auto third = std::make_unique<Output>([&] { ++third_flushed; });
  Output first([&] {
    loop_->MarkDirty(second);
    third.reset();
  });
  loop_->Post([&] {
    loop_->MarkDirty(first);
    loop_->MarkDirty(*third);
  });

  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return second_flushed == 1; }));

  EXPECT_EQ(third_flushed, 0);
}

TEST_F(EventLoopTest, TimersWakeAnIdleLoop) {
  bool fired = false;
  Alarm alarm([&] { fired = true; });
  const base::MonotonicTime at = clock_.Read().monotonic + absl::Milliseconds(20);
  loop_->Arm(alarm, at);

  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return fired; }));

  EXPECT_GE(loop_->now().monotonic, at);
}

TEST_F(EventLoopTest, StopBeforeRunEndsItAtOnce) {
  loop_->Stop();
  loop_->Run();
}

TEST_F(EventLoopTest, WhatIsPostedAfterDrainIsNotRun) {
  bool ran = false;
  loop_->Drain();
  loop_->Post([&] { ran = true; });

  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace quorumcache::rpc
