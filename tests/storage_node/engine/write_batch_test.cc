// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/write_batch.h"

#include "gtest/gtest.h"

namespace quorumcache::engine {
namespace {

TEST(WriteBatchTest, ChangesComeBackInOrder) {
  WriteBatch batch;
  batch.Put(Family::kRecords, "key", "value");
  batch.Delete(Family::kPromises, "gone");
  batch.DeleteRange(Family::kMeta, Range{"from", "to"});

  ASSERT_EQ(batch.size(), 3u);
  EXPECT_EQ(batch.at(0).kind, WriteBatch::Kind::kPut);
  EXPECT_EQ(batch.at(0).family, Family::kRecords);
  EXPECT_EQ(batch.at(0).key, "key");
  EXPECT_EQ(batch.at(0).value, "value");
  EXPECT_EQ(batch.at(1).kind, WriteBatch::Kind::kDelete);
  EXPECT_EQ(batch.at(1).family, Family::kPromises);
  EXPECT_EQ(batch.at(1).key, "gone");
  EXPECT_EQ(batch.at(2).kind, WriteBatch::Kind::kDeleteRange);
  EXPECT_EQ(batch.at(2).key, "from");
  EXPECT_EQ(batch.at(2).value, "to");
  EXPECT_EQ(batch.bytes(), 3u + 5 + 4 + 4 + 2);
}

TEST(WriteBatchTest, ClearedBatchIsEmptyAndUsable) {
  WriteBatch batch;
  batch.Put(Family::kRecords, "key", "value");

  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0u);
  batch.Put(Family::kRecords, "other", "");

  EXPECT_EQ(batch.at(0).key, "other");
  EXPECT_EQ(batch.at(0).value, "");
}

TEST(WriteBatchDeathTest, EmptyKeyIsABug) {
  WriteBatch batch;

  EXPECT_DEATH(batch.Put(Family::kRecords, "", "value"), "key.empty");
}

TEST(WriteBatchDeathTest, ReadingBehindTheEndIsABug) {
  WriteBatch batch;

  EXPECT_DEATH(batch.at(0), "entries_.size");
}

TEST(RangeTest, EndIsExclusiveAndEmptyMeansNone) {
  EXPECT_TRUE((Range{"b", "d"}.Contains("b")));
  EXPECT_TRUE((Range{"b", "d"}.Contains("cz")));
  EXPECT_FALSE((Range{"b", "d"}.Contains("d")));
  EXPECT_FALSE((Range{"b", "d"}.Contains("a")));
  EXPECT_TRUE((Range{"b", ""}.Contains("\xff\xff")));
  EXPECT_TRUE((Range{}.Contains("a")));
}

}  // namespace
}  // namespace quorumcache::engine
