// SPDX-License-Identifier: Apache-2.0
#include "common/model/replica_set.h"

#include <utility>

#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

TEST(ReplicaSetTest, MajorityIsMoreThanHalfOfAllSlots) {
  ReplicaSet set;
  for (const auto& [slots, majority] : {std::pair(1, 1), {2, 2}, {3, 2}, {4, 3}, {5, 3}, {7, 4}}) {
    set.slot_count = static_cast<uint8_t>(slots);
    EXPECT_EQ(set.Majority(), static_cast<size_t>(majority)) << slots;
  }
}

TEST(ReplicaSetTest, VacantSlotsStayInTheMajority) {
  ReplicaSet set;
  set.slot_count = 3;
  set.vacant_slots = 0b100;

  EXPECT_EQ(set.Majority(), 2);
  EXPECT_TRUE(set.IsVacant(2));
  EXPECT_FALSE(set.IsVacant(0));
}

TEST(ReplicaSetDeathTest, NoSlotsIsNoSet) {
  EXPECT_DEATH(ReplicaSet{}.Majority(), "check failed");
}

}  // namespace
}  // namespace quorumcache::model
