// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/partition_table.h"

#include "gtest/gtest.h"
#include "storage_node/engine/memory_engine.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::replica {
namespace {

using support::IsOk;

absl::Status WritePending(const PartitionTable& table, engine::Engine* engine) {
  engine::WriteBatch batch;
  table.AppendPending(&batch);
  return engine->Write(batch, /*fsync=*/true);
}

TEST(PartitionTableTest, CommittedRowsAreLoadedAgain) {
  engine::MemoryEngine engine;
  PartitionTable table(8);
  table.RaiseEpoch(3, 7);
  table.RaiseBallotFloorEpoch(3, 5);
  table.RaiseFloor(3, model::Ballot{4, 5, 6});
  table.RaiseForgotten(3, model::Ballot{4, 5, 5});
  table.RaiseEpoch(4, 2);
  ASSERT_THAT(WritePending(table, &engine), IsOk());
  table.Commit();

  PartitionTable loaded(8);
  ASSERT_THAT(loaded.Load(&engine), IsOk());

  for (uint32_t partition = 0; partition < 8; ++partition) {
    EXPECT_EQ(loaded.row(partition), table.row(partition)) << partition;
    EXPECT_FALSE(loaded.IsHeld(partition));
  }
  EXPECT_EQ(loaded.row(3).epoch, 7u);
  EXPECT_EQ(loaded.row(3).floor, (model::Ballot{4, 5, 6}));
  EXPECT_EQ(loaded.row(3).forgotten, (model::Ballot{4, 5, 5}));
}

TEST(PartitionTableTest, RolledBackChangesNeverWere) {
  PartitionTable table(8);
  table.RaiseEpoch(3, 7);
  table.Commit();

  table.RaiseEpoch(3, 8);
  table.RaiseFloor(3, model::Ballot{1, 1, 1});
  table.RaiseEpoch(4, 9);
  EXPECT_TRUE(table.HasPending());
  EXPECT_TRUE(table.IsPending(3));
  EXPECT_FALSE(table.IsPending(5));
  table.Rollback();

  EXPECT_FALSE(table.HasPending());
  EXPECT_FALSE(table.IsPending(3));
  EXPECT_EQ(table.row(3).epoch, 7u);
  EXPECT_TRUE(table.row(3).floor.IsZero());
  EXPECT_EQ(table.row(4).epoch, 0u);
}

TEST(PartitionTableTest, NothingEverFalls) {
  PartitionTable table(8);
  table.RaiseEpoch(3, 7);
  table.RaiseBallotFloorEpoch(3, 6);
  table.RaiseFloor(3, model::Ballot{4, 5, 6});
  table.Commit();

  table.RaiseEpoch(3, 6);
  table.RaiseBallotFloorEpoch(3, 5);
  table.RaiseFloor(3, model::Ballot{4, 5, 5});

  EXPECT_FALSE(table.HasPending());
  EXPECT_EQ(table.row(3).epoch, 7u);
}

TEST(PartitionTableTest, CorruptRowIsAnErrorAtLoading) {
  engine::MemoryEngine engine;
  PartitionTable table(8);
  table.RaiseEpoch(3, 7);
  ASSERT_THAT(WritePending(table, &engine), IsOk());
  ASSERT_TRUE(engine.CorruptValue(engine::Family::kMeta, PartitionRowKey(3), 6));

  PartitionTable loaded(8);
  EXPECT_EQ(engine::CauseOf(loaded.Load(&engine)), engine::Cause::kCorrupt);
}

TEST(PartitionTableTest, DataOfMorePartitionsIsAnErrorAtLoading) {
  engine::MemoryEngine engine;
  PartitionTable table(16);
  table.RaiseEpoch(12, 7);
  ASSERT_THAT(WritePending(table, &engine), IsOk());

  PartitionTable loaded(8);
  EXPECT_EQ(engine::CauseOf(loaded.Load(&engine)), engine::Cause::kInvalid);
}

TEST(MetaCodecTest, NodeRowComesBackAndFlippedBitsAreFoundOut) {
  const NodeRow row = {123456, EntryCounts{1, -2, 3}};
  const std::string good = EncodeNodeRow(row);
  NodeRow decoded;

  ASSERT_THAT(DecodeNodeRow(good, &decoded), IsOk());
  EXPECT_EQ(decoded, row);
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] ^= static_cast<char>(1 << (i % 8));
    EXPECT_EQ(engine::CauseOf(DecodeNodeRow(bad, &decoded)), engine::Cause::kCorrupt);
  }
  EXPECT_FALSE(DecodeNodeRow(EncodePartitionRow({}), &decoded).ok());
  EXPECT_FALSE(DecodeNodeRow("", &decoded).ok());
}

TEST(MetaCodecTest, PartitionKeysAreToldApartFromOthers) {
  EXPECT_EQ(PartitionOfRowKey(PartitionRowKey(0)), 0u);
  EXPECT_EQ(PartitionOfRowKey(PartitionRowKey(16383)), 16383u);
  EXPECT_FALSE(PartitionOfRowKey(kNodeRowKey).has_value());
  EXPECT_FALSE(PartitionOfRowKey("q1234").has_value());
}

}  // namespace
}  // namespace quorumcache::replica
