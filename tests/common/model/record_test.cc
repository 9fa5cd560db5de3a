// SPDX-License-Identifier: Apache-2.0
#include "common/model/record.h"

#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

TEST(RecordTest, AValueWithoutExpiryLivesForEver) {
  EXPECT_TRUE(IsLive(RecordState::kValue, 0, ~uint64_t{0}));
}

TEST(RecordTest, AValueIsGoneAtItsExpiryItself) {
  EXPECT_TRUE(IsLive(RecordState::kValue, 100, 99));
  EXPECT_FALSE(IsLive(RecordState::kValue, 100, 100));
  EXPECT_FALSE(IsLive(RecordState::kValue, 100, 101));
}

TEST(RecordTest, TombstonesAndNothingAreNeverLive) {
  EXPECT_FALSE(IsLive(RecordState::kTombstone, 0, 0));
  EXPECT_FALSE(IsLive(RecordState::kTombstone, 100, 50));
  EXPECT_FALSE(IsLive(RecordState::kAbsent, 0, 0));
}

TEST(RecordTest, NumbersOnDiskStayWhatTheyAre) {
  EXPECT_EQ(static_cast<int>(RecordState::kAbsent), 0);
  EXPECT_EQ(static_cast<int>(RecordState::kValue), 1);
  EXPECT_EQ(static_cast<int>(RecordState::kTombstone), 2);
}

TEST(RecordTest, EqualityLooksAtEveryField) {
  Record a;
  a.state = RecordState::kValue;
  a.value = "v";
  Record b = a;
  EXPECT_EQ(a, b);

  b.expire_at_ms = 1;
  EXPECT_NE(a, b);
  b = a;
  b.content_type = "text/plain";
  EXPECT_NE(a, b);
  b = a;
  b.lineage = Lineage::Blind(Ballot{1, 1, 1}, std::nullopt);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace quorumcache::model
