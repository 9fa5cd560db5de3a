// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_lock.h"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::topology_file {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

TEST(FileLockTest, ASecondHolderIsRefusedAfterTheTimeout) {
  const support::TempDir dir;
  const auto lock = FileLock::Acquire(dir.File("lock"), absl::Seconds(5));
  ASSERT_THAT(lock, IsOk());

  EXPECT_THAT(
      FileLock::Acquire(dir.File("lock"), absl::Milliseconds(30)),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("another process has held the lock")));
}

TEST(FileLockTest, LettingGoLetsTheNextOneIn) {
  const support::TempDir dir;
  { ASSERT_THAT(FileLock::Acquire(dir.File("lock"), absl::ZeroDuration()), IsOk()); }
  EXPECT_THAT(FileLock::Acquire(dir.File("lock"), absl::ZeroDuration()), IsOk());
}

TEST(FileLockTest, AWaiterGetsItWhenTheHolderLetsGo) {
  const support::TempDir dir;
  std::optional<FileLock> held = *FileLock::Acquire(dir.File("lock"), absl::Seconds(5));

  absl::Status waited;
  std::thread waiter(
      [&] { waited = FileLock::Acquire(dir.File("lock"), absl::Minutes(1)).status(); });
  held.reset();
  waiter.join();

  EXPECT_THAT(waited, IsOk());
}

TEST(FileLockTest, OneThreadAtATimeIsInside) {
  const support::TempDir dir;
  std::atomic<int> inside = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        const auto lock = FileLock::Acquire(dir.File("lock"), absl::Minutes(1));
        ASSERT_THAT(lock, IsOk());
        const int before = ++inside;
        EXPECT_EQ(before, 1);
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(FileLockTest, ALockThatCannotBeMadeSaysWhy) {
  const support::TempDir dir;
  EXPECT_THAT(FileLock::Acquire(dir.File("no/lock"), absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace quorumcache::topology_file
