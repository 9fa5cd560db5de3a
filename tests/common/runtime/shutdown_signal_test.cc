// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/shutdown_signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace quorumcache::runtime {
namespace {

TEST(ShutdownSignalTest, SignalEndsTheWait) {
  ShutdownSignal shutdown;

  kill(getpid(), SIGTERM);

  EXPECT_EQ(shutdown.Wait(), SIGTERM);
}

TEST(ShutdownSignalTest, SignalReachesTheWaiterWhateverThreadItHits) {
  ShutdownSignal shutdown;
  std::thread bystander([] { kill(getpid(), SIGINT); });

  EXPECT_EQ(shutdown.Wait(), SIGINT);

  bystander.join();
}

TEST(ShutdownSignalTest, RequestEndsEveryWait) {
  ShutdownSignal shutdown;
  std::thread requester([&] { shutdown.Request(); });

  EXPECT_EQ(shutdown.Wait(), 0);
  EXPECT_EQ(shutdown.Wait(), 0);

  requester.join();
}

TEST(ShutdownSignalTest, WaitGivesUpAfterItsTime) {
  ShutdownSignal shutdown;

  EXPECT_EQ(shutdown.WaitFor(absl::Milliseconds(1)), -1);
}

TEST(ShutdownSignalTest, BrokenPipeDoesNotKill) {
  ShutdownSignal shutdown;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);

  EXPECT_EQ(write(ends[1], "x", 1), -1);

  close(ends[1]);
}

TEST(ShutdownSignalDeathTest, SecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        ShutdownSignal shutdown;
        raise(SIGTERM);
        shutdown.Wait();
        raise(SIGTERM);
        _exit(0);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace quorumcache::runtime
