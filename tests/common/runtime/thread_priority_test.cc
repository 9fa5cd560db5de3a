// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/thread_priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

namespace quorumcache::runtime {
namespace {

int Niceness() {
  return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
}

TEST(ThreadPriorityTest, OnlyTheThreadThatAskedStepsBehind) {
  const int before = Niceness();
  int stepped = before;

  std::thread([&stepped] {
    StepBehindOtherThreads();
    stepped = Niceness();
  }).join();

  EXPECT_GE(stepped, 10);
  EXPECT_GE(stepped, before);
  EXPECT_EQ(Niceness(), before);
}

TEST(ThreadPriorityTest, AskingTwiceOrWhenNiceAlreadyChangesNothing) {
  int first = 0;
  int second = 0;

  std::thread([&] {
    StepBehindOtherThreads();
    first = Niceness();
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 15);
    StepBehindOtherThreads();
    second = Niceness();
  }).join();

  EXPECT_GE(first, 10);
  EXPECT_EQ(second, 15);
}

}  // namespace
}  // namespace quorumcache::runtime
