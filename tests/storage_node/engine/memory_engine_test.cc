// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/memory_engine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage_node/engine/engine_contract.h"

namespace quorumcache::engine {
namespace {

class MemoryHome : public EngineHome {
 public:
  Engine& engine() override { return engine_; }
  void Restart() override { engine_.Restart(); }

 private:
  MemoryEngine engine_;
};

INSTANTIATE_TEST_SUITE_P(Memory, EngineContract,
                         testing::Values(EngineKind{"Memory",
                                                    [] { return std::make_unique<MemoryHome>(); }}),
                         EngineKindName);

absl::Status Put(MemoryEngine* engine, absl::string_view key, absl::string_view value,
                 bool fsync = false) {
  WriteBatch batch;
  batch.Put(Family::kRecords, key, value);
  return engine->Write(batch, fsync);
}

std::string Get(MemoryEngine* engine, absl::string_view key) {
  Lookup lookup;
  engine->MultiGet(Family::kRecords, {&key, 1}, {&lookup, 1});
  return lookup.found ? lookup.value : "(missing)";
}

TEST(MemoryEngineTest, PowerFailTakesWhatWasNotSynced) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "synced", /*fsync=*/true).ok());
  ASSERT_TRUE(Put(&engine, "a", "changed").ok());
  ASSERT_TRUE(Put(&engine, "b", "new").ok());
  EXPECT_EQ(engine.unsynced_count(), 2u);

  engine.PowerFail(0);

  EXPECT_EQ(Get(&engine, "a"), "synced");
  EXPECT_EQ(Get(&engine, "b"), "(missing)");
}

TEST(MemoryEngineTest, PowerFailMayKeepTheFirstOfTheUnsyncedBatches) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "1").ok());
  ASSERT_TRUE(Put(&engine, "a", "2").ok());
  ASSERT_TRUE(Put(&engine, "a", "3").ok());

  engine.PowerFail(2);

  EXPECT_EQ(Get(&engine, "a"), "2");
  EXPECT_EQ(engine.unsynced_count(), 0u);
}

TEST(MemoryEngineTest, PowerFailBringsBackWhatARangeDeleteTook) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "1", /*fsync=*/true).ok());
  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Range{});
  batch.Put(Family::kRecords, "a", "after");
  batch.Delete(Family::kRecords, "a");
  ASSERT_TRUE(engine.Write(batch, /*fsync=*/false).ok());
  ASSERT_EQ(Get(&engine, "a"), "(missing)");

  engine.PowerFail(0);

  EXPECT_EQ(Get(&engine, "a"), "1");
}

TEST(MemoryEngineTest, FsyncProtectsAllThatCameBefore) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "1").ok());
  ASSERT_TRUE(engine.Write(WriteBatch(), /*fsync=*/true).ok());

  engine.PowerFail(0);

  EXPECT_EQ(Get(&engine, "a"), "1");
}

TEST(MemoryEngineTest, FullDiskRefusesWritesUntilThereIsSpace) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "1").ok());
  engine.SetDiskFull(true);

  EXPECT_EQ(CauseOf(Put(&engine, "a", "2")), Cause::kDiskFull);
  EXPECT_EQ(CauseOf(engine.Health()), Cause::kDiskFull);
  EXPECT_EQ(Get(&engine, "a"), "1");

  engine.SetDiskFull(false);
  EXPECT_TRUE(Put(&engine, "a", "2").ok());
}

TEST(MemoryEngineTest, AfterAFailedFsyncEveryWriteFailsUntilARestart) {
  MemoryEngine engine;
  engine.FailNextFsync();
  EXPECT_TRUE(Put(&engine, "a", "1").ok());

  EXPECT_EQ(CauseOf(Put(&engine, "a", "2", /*fsync=*/true)), Cause::kIo);
  EXPECT_EQ(CauseOf(Put(&engine, "a", "3")), Cause::kIo);
  EXPECT_EQ(CauseOf(engine.Write(WriteBatch(), /*fsync=*/true)), Cause::kIo);

  engine.Restart();
  EXPECT_TRUE(Put(&engine, "a", "4", /*fsync=*/true).ok());
}

TEST(MemoryEngineTest, CorruptionChangesTheValueAndOnlyThat) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "abc").ok());

  EXPECT_TRUE(engine.CorruptValue(Family::kRecords, "a", 1));
  EXPECT_FALSE(engine.CorruptValue(Family::kRecords, "b"));

  EXPECT_EQ(Get(&engine, "a"), "acc");
}

TEST(MemoryEngineTest, WipeLeavesNothing) {
  MemoryEngine engine;
  ASSERT_TRUE(Put(&engine, "a", "1", /*fsync=*/true).ok());

  engine.Wipe();
  engine.PowerFail(0);

  EXPECT_EQ(Get(&engine, "a"), "(missing)");
}

}  // namespace
}  // namespace quorumcache::engine
