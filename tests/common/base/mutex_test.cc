// SPDX-License-Identifier: Apache-2.0
#include "common/base/mutex.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace quorumcache::base {
namespace {

TEST(MutexTest, IncrementsUnderTheLockAreNotLost) {
  constexpr int kThreads = 4;
  constexpr int kIncrements = 10'000;
  Mutex mutex;
  int count = 0;

  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kIncrements; ++j) {
        MutexLock lock(mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(count, kThreads * kIncrements);
}

TEST(CondVarTest, EveryWaiterSeesWhatTheNotifierDid) {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  int woken = 0;

  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      MutexLock lock(mutex);
      while (!ready) changed.Wait(mutex);
      ++woken;
    });
  }
  {
    MutexLock lock(mutex);
    ready = true;
  }
  changed.NotifyAll();
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(woken, 3);
}

TEST(CondVarTest, MutexIsHeldAgainAfterAWait) {
  Mutex mutex;
  CondVar changed;
  int turn = 0;

  std::thread other([&] {
    MutexLock lock(mutex);
    while (turn != 1) changed.Wait(mutex);
    turn = 2;
    changed.NotifyOne();
  });
  {
    MutexLock lock(mutex);
    turn = 1;
    changed.NotifyOne();
    while (turn != 2) changed.Wait(mutex);
  }
  other.join();

  EXPECT_EQ(turn, 2);
}

}  // namespace
}  // namespace quorumcache::base
