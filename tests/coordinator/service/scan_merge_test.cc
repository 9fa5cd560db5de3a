// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/scan_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/model/record.h"
#include "tests/support/seed.h"

namespace quorumcache::service {
namespace {

using internal::v1::ScanPartitionResponse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kNowMs = 1000;

void AddRow(ScanPartitionResponse& page, const std::string& key, uint64_t ballot,
            const std::string& value, model::RecordState state = model::RecordState::kValue,
            uint64_t expire_at_ms = 0) {
  internal::v1::ScanRow& row = *page.add_rows();
  row.set_engine_key(key);
  row.set_key(key);
  row.mutable_accepted()->set_epoch(1);
  row.mutable_accepted()->set_hlc(ballot);
  row.mutable_record()->set_state(static_cast<uint32_t>(state));
  row.mutable_record()->set_value(value);
  row.mutable_record()->set_expire_at_ms(expire_at_ms);
}

std::vector<std::string> KeysOf(const std::vector<ScanEntry>& entries) {
  std::vector<std::string> keys;
  for (const ScanEntry& entry : entries) keys.push_back(entry.key + "=" + entry.value);
  return keys;
}

class ScanMergeTest : public ::testing::Test {
 protected:
  MergeResult Merge() { return MergeScanPages(pages_, kNowMs, room_, entries_); }

  std::vector<ScanPartitionResponse> pages_{2};
  PageRoom room_{100, 1 << 20};
  std::vector<ScanEntry> entries_;
};

TEST_F(ScanMergeTest, NewestBallotWins) {
  AddRow(pages_[0], "a", 1, "old");
  AddRow(pages_[1], "a", 2, "new");
  AddRow(pages_[1], "b", 1, "only here");
  for (ScanPartitionResponse& page : pages_) page.set_complete(true);

  EXPECT_TRUE(Merge().complete);
  EXPECT_THAT(KeysOf(entries_), ElementsAre("a=new", "b=only here"));
}

TEST_F(ScanMergeTest, NewerTombstoneHidesAnOlderValue) {
  AddRow(pages_[0], "a", 1, "v");
  AddRow(pages_[1], "a", 2, "", model::RecordState::kTombstone);
  for (ScanPartitionResponse& page : pages_) page.set_complete(true);

  EXPECT_TRUE(Merge().complete);
  EXPECT_THAT(entries_, IsEmpty());
}

TEST_F(ScanMergeTest, ExpiredRecordsAreHidden) {
  AddRow(pages_[0], "a", 1, "v", model::RecordState::kValue, kNowMs);
  AddRow(pages_[0], "b", 1, "v", model::RecordState::kValue, kNowMs + 1);
  for (ScanPartitionResponse& page : pages_) page.set_complete(true);

  (void)Merge();
  EXPECT_THAT(KeysOf(entries_), ElementsAre("b=v"));
}

TEST_F(ScanMergeTest, StopsWhereAReplicaHasNotLookedYet) {
  AddRow(pages_[0], "a", 1, "v");
  pages_[0].set_resume_after("b");
  AddRow(pages_[1], "a", 1, "v");
  AddRow(pages_[1], "c", 1, "v");
  pages_[1].set_complete(true);

  const MergeResult result = Merge();

  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.after, "b");
  EXPECT_THAT(KeysOf(entries_), ElementsAre("a=v"));
}

TEST_F(ScanMergeTest, FullPageEndsBehindItsLastEntry) {
  room_.entries = 2;
  for (const char* key : {"a", "b", "c"}) AddRow(pages_[0], key, 1, "v");
  for (ScanPartitionResponse& page : pages_) page.set_complete(true);

  const MergeResult result = Merge();

  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.after, "b");
  EXPECT_EQ(room_.entries, 0);
}

TEST_F(ScanMergeTest, EntryLargerThanThePageComesAlone) {
  room_.bytes = 10;
  AddRow(pages_[0], "a", 1, std::string(100, 'x'));
  AddRow(pages_[0], "b", 1, "v");
  for (ScanPartitionResponse& page : pages_) page.set_complete(true);

  const MergeResult result = Merge();

  EXPECT_EQ(entries_.size(), 1);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.after, "a");
}

// Random replicas, random page ends: walking to the end finds exactly the newest live record of
// each key.
TEST(ScanMergeWalkTest, WalkFindsEveryLiveKeyOnce) {
  const uint64_t seed = support::TestSeed();
  base::Random random(seed);
  SCOPED_TRACE(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<ScanPartitionResponse> all(2);
    std::map<std::string, std::string> expected;
    for (int i = 0; i < 40; ++i) {
      const std::string key(1, static_cast<char>('0' + i));
      const bool dead = random.OneIn(4);
      const auto state = dead ? model::RecordState::kTombstone : model::RecordState::kValue;
      const uint64_t behind = random.Uniform(3);  // which replica has an older record or none
      for (uint64_t r = 0; r < 2; ++r) {
        if (behind == r && random.OneIn(2)) continue;
        AddRow(all[r], key, behind == r ? 1 : 2, behind == r ? "old" : "new",
               behind == r ? model::RecordState::kValue : state);
      }
      if (!dead) expected[key] = "new";
    }
    std::string after;
    std::map<std::string, std::string> found;
    for (bool complete = false; !complete;) {
      std::vector<ScanPartitionResponse> pages(2);
      for (size_t r = 0; r < 2; ++r) {
        size_t limit = 1 + random.Uniform(10);
        for (const internal::v1::ScanRow& row : all[r].rows()) {
          if (row.engine_key() <= after || limit == 0) continue;
          *pages[r].add_rows() = row;
          --limit;
        }
        pages[r].set_complete(limit > 0);
      }
      PageRoom room{1 + random.Uniform(10), 1 << 20};
      std::vector<ScanEntry> entries;
      const MergeResult result = MergeScanPages(pages, kNowMs, room, entries);
      for (const ScanEntry& entry : entries) {
        EXPECT_TRUE(found.emplace(entry.key, entry.value).second) << entry.key;
      }
      complete = result.complete;
      if (!complete) {
        ASSERT_GT(result.after, after);
        after = result.after;
      }
    }
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace quorumcache::service
