// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_lease.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/topology_file/file_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::topology_file {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using topology::TopologyLease;

auto DrivenBy(const std::string& holder) {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("driven by " + holder));
}

class FileLeaseTest : public testing::Test {
 protected:
  std::string path() const { return dir_.File("map"); }
  // Asks until it gets it; ctest ends a test that asks in vain.
  static std::unique_ptr<TopologyLease> AcquireFrom(FileStore& store) {
    while (true) {
      auto lease = store.TryAcquireLease("the next one");
      if (lease.ok()) return *std::move(lease);
      EXPECT_THAT(lease.status(), DrivenBy(""));
      std::this_thread::yield();
    }
  }

  const support::TempDir dir_;
  FileStore store_{path()};
};

TEST_F(FileLeaseTest, OneAtATimeHoldsItAndIsNamed) {
  const auto lease = store_.TryAcquireLease("coordinator c1");
  ASSERT_THAT(lease, IsOk());

  EXPECT_TRUE((*lease)->held());
  EXPECT_THAT(FileStore(path()).TryAcquireLease("c2"), DrivenBy("coordinator c1"));
}

TEST_F(FileLeaseTest, GivingItBackLetsTheNextOneInAtOnce) {
  { ASSERT_THAT(store_.TryAcquireLease("a driver with a long name"), IsOk()); }

  const auto next = store_.TryAcquireLease("c2");
  ASSERT_THAT(next, IsOk());
  EXPECT_THAT(store_.TryAcquireLease("c3"), DrivenBy("c2 now"));
}

TEST_F(FileLeaseTest, NamesMustBeOneShortLine) {
  for (const std::string& holder :
       {std::string(), std::string("two\nlines"), std::string(257, 'x')}) {
    EXPECT_THAT(store_.TryAcquireLease(holder), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_FALSE(std::filesystem::exists(path() + ".lease"));
}

TEST_F(FileLeaseTest, ALiveHolderKeepsItLongerThanTheTtl) {
  FileStore store(path(), {.lease_ttl = absl::Milliseconds(300)});
  const auto lease = store.TryAcquireLease("c1");
  ASSERT_THAT(lease, IsOk());

  // Time is what this is about: three TTLs of it.
  const absl::Time end = absl::Now() + absl::Milliseconds(900);
  while (absl::Now() < end && (*lease)->held()) {
    // A machine that stops our keeper for a whole TTL may take the lease away, and may do so here.
    const auto other = store.TryAcquireLease("c2");
    ASSERT_TRUE(!other.ok() || !(*lease)->held()) << "two holders";
    std::this_thread::yield();
  }
}

// A child process that holds the lease until it is killed.
class Holder {
 public:
  explicit Holder(FileStore& store) {
    int fds[2];
    if (pipe(fds) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      const auto lease = store.TryAcquireLease("a child");
      const char done = lease.ok() ? 'y' : 'n';
      if (write(fds[1], &done, 1) != 1) _exit(1);
      while (true) pause();
    }
    char done = 0;
    has_lease_ = read(fds[0], &done, 1) == 1 && done == 'y';
    close(fds[0]);
    close(fds[1]);
  }
  ~Holder() { End(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  bool has_lease() const { return has_lease_; }
  void Stop() const { kill(pid_, SIGSTOP); }
  void End() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
  bool has_lease_ = false;
};

TEST_F(FileLeaseTest, DeathGivesItBackAtOnce) {
  FileStore patient(path(), {.lease_ttl = absl::Hours(1)});
  Holder holder(patient);
  ASSERT_TRUE(holder.has_lease());
  EXPECT_THAT(patient.TryAcquireLease("c2"), DrivenBy("a child"));

  holder.End();

  EXPECT_THAT(patient.TryAcquireLease("c2"), IsOk());
}

TEST_F(FileLeaseTest, AHolderThatHangsLosesItAfterTheTtl) {
  FileStore store(path(), {.lease_ttl = absl::Milliseconds(200)});
  Holder holder(store);
  ASSERT_TRUE(holder.has_lease());

  holder.Stop();

  EXPECT_TRUE(AcquireFrom(store)->held());
}

TEST_F(FileLeaseTest, WhoeverLostItSeesSo) {
  // A TTL of zero: nothing is ever fresh enough, as after a long stop.
  FileStore store(path(), {.lease_ttl = absl::ZeroDuration()});
  const auto first = FileStore(path()).TryAcquireLease("c1");
  ASSERT_THAT(first, IsOk());

  const auto second = AcquireFrom(store);

  EXPECT_FALSE((*first)->held());
  EXPECT_TRUE(second->held());
}

TEST_F(FileLeaseTest, ATimeInTheFutureIsNoProofOfLife) {
  Holder holder(store_);
  ASSERT_TRUE(holder.has_lease());
  holder.Stop();
  std::filesystem::last_write_time(
      path() + ".lease", std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));

  EXPECT_THAT(store_.TryAcquireLease("c2"), IsOk());
}

TEST_F(FileLeaseTest, AMissingDirectoryIsNamed) {
  FileStore nowhere(dir_.File("no/map"));
  EXPECT_THAT(nowhere.TryAcquireLease("c1"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace quorumcache::topology_file
