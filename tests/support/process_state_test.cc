// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process_state.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quorumcache::support {
namespace {

// A child that is never at rest.
pid_t Busy() {
  const pid_t pid = fork();
  if (pid == 0) {
    while (true) getppid();
  }
  return pid;
}

// What wait says of a child at this moment: CLD_STOPPED, CLD_KILLED, or 0 for nothing new.
int NewsOf(pid_t child, int kinds) {
  siginfo_t info = {};
  EXPECT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, kinds | WNOHANG | WNOWAIT), 0);
  return info.si_code;
}

TEST(ProcessStateTest, SuspendedProcessHasStoppedAndOneThatIsGoneHasEnded) {
  for (int i = 0; i < 20; ++i) {
    const pid_t child = Busy();

    ASSERT_TRUE(Suspend(child));
    EXPECT_EQ(NewsOf(child, WSTOPPED), CLD_STOPPED);
    EXPECT_FALSE(WaitUntilGone(child, absl::ZeroDuration()));

    kill(child, SIGKILL);
    ASSERT_TRUE(WaitUntilGone(child));
    EXPECT_EQ(NewsOf(child, WEXITED), CLD_KILLED);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
  }
}

TEST(ProcessStateTest, WhatHasEndedIsGoneAndStandsStill) {
  const pid_t child = fork();
  if (child == 0) _exit(0);

  EXPECT_TRUE(WaitUntilGone(child));
  EXPECT_TRUE(Suspend(child));
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(WaitUntilGone(child));
  EXPECT_FALSE(WaitUntilGone(getpid(), absl::ZeroDuration()));
}

}  // namespace
}  // namespace quorumcache::support
