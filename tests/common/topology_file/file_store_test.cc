// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/topology/cluster_map.h"
#include "common/topology_file/file_io.h"
#include "common/topology_file/file_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_file {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::Next;
using topology::SetSlot;
using topology::Slot;
using topology::TestMap;

ClusterMap FirstMap() {
  ClusterMap map = TestMap({.node_count = 6});
  map.epoch = 1;
  return map;
}

class FileStoreTest : public testing::Test {
 protected:
  std::string path() const { return dir_.File("map"); }

  const support::TempDir dir_;
  FileStore store_{path()};
};

TEST_F(FileStoreTest, ReadsWhatWasCreated) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());

  EXPECT_THAT(store_.Read(), IsOkAndHolds(FirstMap()));
  EXPECT_THAT(FileStore(path()).Read(), IsOkAndHolds(FirstMap()));
}

TEST_F(FileStoreTest, WithoutAMapEverythingIsNotFound) {
  EXPECT_THAT(store_.Read(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path())));
  EXPECT_THAT(store_.CompareAndSet(1, Next(FirstMap())), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(FileStoreTest, CreatesOnlyOnce) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  ClusterMap other = FirstMap();
  other.cluster_id = "other";

  EXPECT_THAT(store_.Create(other), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(store_.Read(), IsOkAndHolds(FirstMap()));
}

TEST_F(FileStoreTest, CreatesNothingOverADamagedMap) {
  std::ofstream(path()) << "torn";

  EXPECT_THAT(store_.Create(FirstMap()), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(ReadWholeFile(path(), 100), IsOkAndHolds("torn"));
}

TEST_F(FileStoreTest, TakesAClusterFromAnotherStoreAtItsEpoch) {
  ASSERT_THAT(store_.Create(Next(FirstMap())), IsOk());
  EXPECT_THAT(store_.Read(), IsOkAndHolds(Next(FirstMap())));
}

TEST_F(FileStoreTest, CreatesValidMapsOnly) {
  ClusterMap map = FirstMap();
  map.nodes.clear();
  EXPECT_THAT(store_.Create(map), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(FileStoreTest, SetsTheNextMap) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  ClusterMap next = Next(FirstMap());
  SetSlot(next, 0, 0, Slot::Moving(0, 5));

  ASSERT_THAT(store_.CompareAndSet(1, next), IsOk());

  EXPECT_THAT(store_.Read(), IsOkAndHolds(next));
}

TEST_F(FileStoreTest, RefusesAChangeMadeFromAnotherEpoch) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  ASSERT_THAT(store_.CompareAndSet(1, Next(FirstMap())), IsOk());

  EXPECT_THAT(store_.CompareAndSet(1, Next(FirstMap())),
              StatusIs(absl::StatusCode::kAborted,
                       AllOf(HasSubstr("is at epoch 2"), HasSubstr("made from 1"),
                             HasSubstr("nothing was changed"))));
  EXPECT_THAT(store_.CompareAndSet(3, Next(Next(Next(FirstMap())))),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(store_.Read(), IsOkAndHolds(Next(FirstMap())));
}

TEST_F(FileStoreTest, RefusesAStepThatTheProtocolForbids) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  ClusterMap jump = Next(FirstMap());
  SetSlot(jump, 0, 0, Slot::Settled(5));

  EXPECT_THAT(store_.CompareAndSet(1, jump), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(store_.CompareAndSet(1, Next(Next(FirstMap()))),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(store_.Read(), IsOkAndHolds(FirstMap()));
}

TEST_F(FileStoreTest, RefusesAnInvalidMap) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  ClusterMap map = Next(FirstMap());
  map.nodes[1].id = "n1";

  EXPECT_THAT(store_.CompareAndSet(1, map), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(store_.Read(), IsOkAndHolds(FirstMap()));
}

TEST_F(FileStoreTest, ChangesNothingOnTopOfADamagedMap) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  std::filesystem::resize_file(path(), std::filesystem::file_size(path()) - 10);
  const std::string torn = *ReadWholeFile(path(), 1 << 20);

  EXPECT_THAT(store_.Read(), StatusIs(absl::StatusCode::kDataLoss,
                                      AllOf(HasSubstr(path()), HasSubstr("it is cut off"))));
  EXPECT_THAT(store_.CompareAndSet(1, Next(FirstMap())), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ReadWholeFile(path(), 1 << 20), IsOkAndHolds(torn));
}

TEST_F(FileStoreTest, WaitsForTheLockNoLongerThanTold) {
  FileStore impatient(path(), {.lock_timeout = absl::Milliseconds(20)});
  ASSERT_THAT(impatient.Create(FirstMap()), IsOk());
  const auto lock = FileLock::Acquire(path() + ".lock", absl::Seconds(5));
  ASSERT_THAT(lock, IsOk());

  EXPECT_THAT(impatient.CompareAndSet(1, Next(FirstMap())),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("held the lock")));
  EXPECT_THAT(impatient.Create(FirstMap()), StatusIs(absl::StatusCode::kUnavailable));
  // Readers do not care.
  EXPECT_THAT(impatient.Read(), IsOkAndHolds(FirstMap()));
}

TEST_F(FileStoreTest, OfManyThreadsExactlyOneWinsEachEpoch) {
  constexpr int kThreads = 4;
  constexpr uint64_t kLastEpoch = 40;
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());

  std::vector<std::vector<uint64_t>> won(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, &wins = won[i]] {
      FileStore store(path(), {.lock_timeout = absl::Minutes(1)});
      while (true) {
        const ClusterMap map = *store.Read();
        if (map.epoch >= kLastEpoch) return;
        const absl::Status status = store.CompareAndSet(map.epoch, Next(map));
        if (status.ok()) wins.push_back(map.epoch + 1);
        ASSERT_TRUE(status.ok() || status.code() == absl::StatusCode::kAborted) << status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<uint64_t> all;
  for (const auto& wins : won) all.insert(all.end(), wins.begin(), wins.end());
  std::sort(all.begin(), all.end());
  std::vector<uint64_t> expected(kLastEpoch - 1);
  std::iota(expected.begin(), expected.end(), 2);
  EXPECT_EQ(all, expected);
}

// A child process that goes on changing the map and writes every epoch that it has won into a pipe.
class Writer {
 public:
  explicit Writer(const std::string& path) {
    int fds[2];
    if (pipe(fds) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(fds[0]);
      Write(path, fds[1]);
    }
    close(fds[1]);
    fd_ = fds[0];
  }
  ~Writer() { close(fd_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // The next epoch it has won; 0 when it has ended.
  uint64_t NextWin() {
    uint64_t epoch = 0;
    return read(fd_, &epoch, sizeof(epoch)) == sizeof(epoch) ? epoch : 0;
  }
  void Kill() { kill(pid_, SIGKILL); }
  void Reap() { waitpid(pid_, nullptr, 0); }

  static constexpr uint64_t kLastEpoch = 60;

 private:
  [[noreturn]] static void Write(const std::string& path, int fd) {
    FileStore store(path, {.lock_timeout = absl::Minutes(1)});
    while (true) {
      const ClusterMap map = *store.Read();
      if (map.epoch >= kLastEpoch) _exit(0);
      const uint64_t next_epoch = map.epoch + 1;
      if (!store.CompareAndSet(map.epoch, Next(map)).ok()) continue;
      if (write(fd, &next_epoch, sizeof(next_epoch)) != sizeof(next_epoch)) _exit(1);
    }
  }

  pid_t pid_ = -1;
  int fd_ = -1;
};

TEST_F(FileStoreTest, OfTwoProcessesExactlyOneWinsEachEpoch) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  Writer one(path());
  Writer other(path());

  std::vector<uint64_t> all;
  for (Writer* writer : {&one, &other}) {
    while (const uint64_t epoch = writer->NextWin()) all.push_back(epoch);
    writer->Reap();
  }

  std::sort(all.begin(), all.end());
  std::vector<uint64_t> expected(Writer::kLastEpoch - 1);
  std::iota(expected.begin(), expected.end(), 2);
  EXPECT_EQ(all, expected);
}

TEST_F(FileStoreTest, AKilledWriterLeavesASoundMapAndNoLock) {
  ASSERT_THAT(store_.Create(FirstMap()), IsOk());
  for (int round = 0; round < 10; ++round) {
    Writer writer(path());
    const uint64_t seen = writer.NextWin();
    writer.Kill();
    writer.Reap();
    if (seen == 0) break;

    const auto map = store_.Read();
    ASSERT_THAT(map, IsOk());
    ASSERT_GE(map->epoch, seen);
    ASSERT_THAT(store_.CompareAndSet(map->epoch, Next(*map)), IsOk());
  }
}

}  // namespace
}  // namespace quorumcache::topology_file
