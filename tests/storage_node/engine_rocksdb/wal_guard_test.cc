// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/wal_guard.h"

#include <atomic>
#include <memory>
#include <thread>

#include "gtest/gtest.h"
#include "tests/storage_node/engine_rocksdb/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::engine_rocksdb {
namespace {

class WalGuardTest : public testing::Test {
 protected:
  std::unique_ptr<rocksdb::FSWritableFile> NewFile(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(guard_.NewWritableFile(dir_.File(name), {}, &file, nullptr).ok());
    return file;
  }
  bool Append(rocksdb::FSWritableFile& file) { return file.Append("bytes", {}, nullptr).ok(); }

  support::TempDir dir_;
  DiskFaults faults_;
  Health health_;
  WalGuard guard_{std::make_shared<FaultyFileSystem>(&faults_), &health_};
};

TEST_F(WalGuardTest, HealthKnowsOfAFailedAppendBeforeRocksDb) {
  const auto log = NewFile("000001.log");
  EXPECT_TRUE(Append(*log));
  EXPECT_EQ(health_.state(), Health::State::kWritable);

  faults_.is_full = true;

  EXPECT_FALSE(Append(*log));
  EXPECT_EQ(health_.state(), Health::State::kDiskFull);
}

TEST_F(WalGuardTest, FailedAppendIsNotToldWhileTheLogIsSynced) {
  const auto log = NewFile("000001.log");
  faults_.is_full = true;
  std::atomic<bool> has_synced{false};
  std::atomic<bool> is_appending{false};
  guard_.sync_mutex().Lock();

  std::thread writer([&] {
    is_appending = true;
    EXPECT_FALSE(Append(*log));
    EXPECT_TRUE(has_synced) << "RocksDB heard of it in the middle of the sync";
  });
  while (!is_appending) std::this_thread::yield();
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_EQ(health_.state(), Health::State::kWritable);
  has_synced = true;
  guard_.sync_mutex().Unlock();

  writer.join();
  EXPECT_EQ(health_.state(), Health::State::kDiskFull);
}

TEST_F(WalGuardTest, SortedFilesAreNotItsBusiness) {
  const auto table = NewFile("000002.sst");
  faults_.is_full = true;

  EXPECT_FALSE(Append(*table));

  EXPECT_EQ(health_.state(), Health::State::kWritable) << "RocksDB's listener tells of these";
}

}  // namespace
}  // namespace quorumcache::engine_rocksdb
