// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/inflight_table.h"

#include <map>
#include <string>

#include "common/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::rpc {
namespace {

using testing::UnorderedElementsAre;

TEST(InflightTableTest, AnIdIsFoundUntilItIsTaken) {
  InflightTable<std::string> table;

  const uint64_t id = table.Add("a");
  std::string value;

  ASSERT_NE(table.Find(id), nullptr);
  EXPECT_TRUE(table.Take(id, &value));
  EXPECT_EQ(value, "a");
  EXPECT_EQ(table.Find(id), nullptr);
  EXPECT_FALSE(table.Take(id, &value));
}

TEST(InflightTableTest, AReusedSlotDoesNotAnswerToItsOldId) {
  InflightTable<std::string> table;
  std::string value;

  const uint64_t old_id = table.Add("old");
  table.Take(old_id, &value);
  const uint64_t new_id = table.Add("new");

  EXPECT_NE(old_id, new_id);
  EXPECT_EQ(table.Find(old_id), nullptr);
  EXPECT_EQ(*table.Find(new_id), "new");
}

TEST(InflightTableTest, MadeUpIdsFindNothing) {
  InflightTable<std::string> table;
  table.Add("a");

  EXPECT_EQ(table.Find(0), nullptr);
  EXPECT_EQ(table.Find(1), nullptr);
  EXPECT_EQ(table.Find(~uint64_t{0}), nullptr);
}

TEST(InflightTableTest, TakeAllEmptiesIt) {
  InflightTable<std::string> table;
  const uint64_t a = table.Add("a");
  table.Add("b");

  EXPECT_THAT(table.TakeAll(), UnorderedElementsAre("a", "b"));
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.Find(a), nullptr);
}

TEST(InflightTableTest, AgreesWithAMapOverRandomSteps) {
  base::Random random(support::TestSeed());
  InflightTable<uint64_t> table;
  std::map<uint64_t, uint64_t> expected;

  for (uint64_t step = 0; step < 50'000; ++step) {
    if (expected.empty() || random.OneIn(2)) {
      const uint64_t id = table.Add(step);
      ASSERT_TRUE(expected.emplace(id, step).second) << "id given out twice";
    } else {
      auto it = expected.lower_bound(random.Next());
      if (it == expected.end()) it = expected.begin();
      uint64_t value = 0;
      ASSERT_TRUE(table.Take(it->first, &value));
      ASSERT_EQ(value, it->second);
      expected.erase(it);
    }
    ASSERT_EQ(table.size(), expected.size());
  }
}

}  // namespace
}  // namespace quorumcache::rpc
