// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/rocks_engine.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage_node/engine/engine_contract.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::engine_rocksdb {
namespace {

using engine::Cause;
using engine::CauseOf;
using engine::EngineContract;
using engine::Family;
using engine::Lookup;
using support::IsOk;
using testing::HasSubstr;

// Small, so that a test does not take a gigabyte.
RocksOptions TestOptions() {
  RocksOptions options;
  options.block_cache_bytes = size_t{4} << 20;
  options.write_buffer_bytes = size_t{1} << 20;
  return options;
}

class RocksHome : public engine::EngineHome {
 public:
  RocksHome() { Restart(); }
  engine::Engine& engine() override { return *engine_; }
  void Restart() override {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<RocksEngine>> opened =
        RocksEngine::Open(dir_.File("db"), TestOptions());
    QC_CHECK(opened.ok());
    engine_ = *std::move(opened);
  }

 private:
  support::TempDir dir_;
  std::unique_ptr<RocksEngine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Rocks, EngineContract,
                         testing::Values(engine::EngineKind{
                             "Rocks", [] { return std::make_unique<RocksHome>(); }}),
                         engine::EngineKindName);

class RocksEngineTest : public testing::Test {
 protected:
  RocksEngineTest() { Open(); }

  void Open() {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<RocksEngine>> opened = RocksEngine::Open(path(), TestOptions());
    ASSERT_THAT(opened, IsOk());
    engine_ = *std::move(opened);
  }
  std::string path() const { return dir_.File("db"); }

  absl::Status Put(absl::string_view key, absl::string_view value, bool fsync = false) {
    engine::WriteBatch batch;
    batch.Put(Family::kRecords, key, value);
    return engine_->Write(batch, fsync);
  }
  Lookup Get(absl::string_view key) {
    Lookup lookup;
    engine_->MultiGet(Family::kRecords, {&key, 1}, {&lookup, 1});
    return lookup;
  }
  // Flips a byte in the first data block of every sorted file.
  void CorruptSortedFiles() {
    int corrupted = 0;
    for (const auto& file : std::filesystem::directory_iterator(path())) {
      if (file.path().extension() != ".sst") continue;
      std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      stream.seekg(20);
      const char byte = static_cast<char>(stream.get());
      stream.seekp(20);
      stream.put(static_cast<char>(byte ^ 1));
      ++corrupted;
    }
    ASSERT_GT(corrupted, 0);
  }

  support::TempDir dir_;
  std::unique_ptr<RocksEngine> engine_;
};

TEST_F(RocksEngineTest, SecondProcessIsToldThatTheDirectoryIsInUse) {
  const absl::StatusOr<std::unique_ptr<RocksEngine>> second =
      RocksEngine::Open(path(), TestOptions());

  EXPECT_EQ(CauseOf(second.status()), Cause::kLocked);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use by another process"));
}

TEST_F(RocksEngineTest, DirectoryThatCannotBeMadeIsAnError) {
  const absl::StatusOr<std::unique_ptr<RocksEngine>> engine =
      RocksEngine::Open(dir_.File("db/CURRENT/below"), TestOptions());

  EXPECT_EQ(CauseOf(engine.status()), Cause::kIo);
}

TEST_F(RocksEngineTest, CorruptSortedFileIsAnErrorAndNeverAMiss) {
  for (int i = 0; i < 10; ++i) ASSERT_THAT(Put(absl::StrCat("key", i), "value"), IsOk());
  ASSERT_THAT(engine_->FlushMemtables(), IsOk());
  engine_.reset();
  CorruptSortedFiles();
  Open();

  const Lookup one = Get("key3");
  const std::vector<absl::string_view> keys = {"key1", "key2"};
  std::vector<Lookup> some(2);
  engine_->MultiGet(Family::kRecords, keys, some);
  const std::unique_ptr<engine::Iterator> it =
      engine_->NewIterator(Family::kRecords, engine::Range{});

  EXPECT_EQ(CauseOf(one.status), Cause::kCorrupt) << one.status;
  EXPECT_FALSE(one.found);
  EXPECT_EQ(CauseOf(some[0].status), Cause::kCorrupt) << some[0].status;
  EXPECT_FALSE(it->Valid());
  EXPECT_EQ(CauseOf(it->status()), Cause::kCorrupt) << it->status();
}

TEST_F(RocksEngineTest, TornRecordAtTheEndOfTheWalIsForgotten) {
  ASSERT_THAT(Put("a", "one"), IsOk());
  ASSERT_THAT(Put("b", std::string(1000, 'b')), IsOk());
  engine_.reset();
  for (const auto& file : std::filesystem::directory_iterator(path())) {
    if (file.path().extension() != ".log" || file.file_size() == 0) continue;
    std::filesystem::resize_file(file.path(), file.file_size() - 100);
  }

  Open();

  EXPECT_EQ(Get("a").value, "one");
  EXPECT_FALSE(Get("b").found);
  EXPECT_THAT(Get("b").status, IsOk());
}

TEST_F(RocksEngineTest, BadRecordInTheMiddleOfTheWalIsAnErrorAtOpening) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(Put(absl::StrCat("key", i), std::string(1000, 'v')), IsOk());
  }
  engine_.reset();
  for (const auto& file : std::filesystem::directory_iterator(path())) {
    if (file.path().extension() != ".log" || file.file_size() == 0) continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(5000);
    stream.put('x');
  }

  const absl::StatusOr<std::unique_ptr<RocksEngine>> opened =
      RocksEngine::Open(path(), TestOptions());

  EXPECT_EQ(CauseOf(opened.status()), Cause::kCorrupt) << opened.status();
}

TEST_F(RocksEngineTest, StatisticsCountWhatHappened) {
  ASSERT_THAT(Put("a", std::string(1000, 'a'), /*fsync=*/true), IsOk());
  ASSERT_THAT(engine_->FlushMemtables(), IsOk());
  Get("a");

  const RocksStatistics statistics = engine_->Statistics();

  EXPECT_GE(statistics.fsync_count, 1u);
  EXPECT_GE(statistics.fsync_micros, statistics.fsync_micros_max);
  EXPECT_GT(statistics.wal_bytes_written, 1000u);
  EXPECT_GT(statistics.sorted_file_bytes, 1000u);
  EXPECT_GT(statistics.memtable_bytes, 0u);
  EXPECT_GE(statistics.block_cache_misses, 1u);
  EXPECT_FALSE(statistics.is_stalled);
}

}  // namespace
}  // namespace quorumcache::engine_rocksdb
