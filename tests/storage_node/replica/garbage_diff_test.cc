// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage_diff.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_format.h"
#include "common/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::replica {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Entries = std::map<std::string, model::Ballot>;

model::Ballot At(uint64_t hlc) {
  return model::Ballot{1, hlc, 0};
}

// What a replica with these entries answers, `size` rows a page.
EntryPage PageOf(const Entries& entries, const std::string& after, size_t size) {
  EntryPage page;
  auto it = after.empty() ? entries.begin() : entries.upper_bound(after);
  for (; it != entries.end() && page.rows.size() < size; ++it) {
    page.rows.push_back(EntryRow{it->first, it->second});
    page.resume_after = it->first;
  }
  page.complete = it == entries.end();
  return page;
}

// Answers everything that `diff` wants, and says how many pages that took.
size_t Drive(const std::vector<Entries>& replicas, size_t page_size, GarbageDiff* diff) {
  size_t pages = 0;
  std::vector<GarbageDiff::Wanted> wanted = diff->Start();
  while (!wanted.empty()) {
    std::vector<GarbageDiff::Wanted> next;
    for (const GarbageDiff::Wanted& want : wanted) {
      ++pages;
      next = diff->OnPage(want.replica, PageOf(replicas[want.replica], want.after, page_size));
    }
    wanted = std::move(next);
  }
  return pages;
}

TEST(GarbageDiffTest, EqualReplicasHaveNoDifference) {
  const std::vector<Entries> replicas(3, Entries{{"a", At(1)}, {"b", At(2)}});
  GarbageDiff diff(3, 10);

  Drive(replicas, 1, &diff);

  EXPECT_TRUE(diff.is_finished());
  EXPECT_TRUE(diff.is_complete());
  EXPECT_THAT(diff.TakeKeys(), IsEmpty());
}

TEST(GarbageDiffTest, MissingEntriesAndOtherBallotsAreDifferences) {
  const std::vector<Entries> replicas = {{{"a", At(1)}, {"b", At(1)}, {"c", At(1)}},
                                         {{"a", At(1)}, {"b", At(2)}, {"c", At(1)}},
                                         {{"a", At(1)}, {"b", At(1)}}};
  GarbageDiff diff(3, 10);

  Drive(replicas, 2, &diff);

  EXPECT_THAT(diff.TakeKeys(), ElementsAre("b", "c"));
}

TEST(GarbageDiffTest, EmptyReplicaDiffersInEverything) {
  GarbageDiff diff(2, 10);

  Drive({{}, {{"a", At(1)}, {"b", At(1)}}}, 1, &diff);

  EXPECT_TRUE(diff.is_complete());
  EXPECT_THAT(diff.TakeKeys(), ElementsAre("a", "b"));
}

TEST(GarbageDiffTest, EndsWithTheFirstKeysItMayHave) {
  GarbageDiff diff(2, 2);

  Drive({{}, {{"a", At(1)}, {"b", At(1)}, {"c", At(1)}}}, 10, &diff);

  EXPECT_TRUE(diff.is_finished());
  EXPECT_FALSE(diff.is_complete());
  EXPECT_THAT(diff.TakeKeys(), ElementsAre("a", "b"));
}

// A walk over many records that do not count answers empty pages that go on.
TEST(GarbageDiffTest, EmptyPagesThatGoOnAreFollowed) {
  GarbageDiff diff(2, 10);
  EntryPage nothing_yet;
  nothing_yet.resume_after = "m";
  EntryPage whole;
  whole.rows = {EntryRow{"a", At(1)}, EntryRow{"z", At(1)}};
  whole.complete = true;
  EntryPage rest;
  rest.rows = {EntryRow{"z", At(1)}};
  rest.complete = true;

  EXPECT_THAT(diff.OnPage(0, nothing_yet), IsEmpty()) << "the other has not answered";
  const std::vector<GarbageDiff::Wanted> wanted = diff.OnPage(1, whole);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].replica, 0u);
  EXPECT_EQ(wanted[0].after, "m");
  EXPECT_THAT(diff.OnPage(0, rest), IsEmpty());

  EXPECT_TRUE(diff.is_complete());
  EXPECT_THAT(diff.TakeKeys(), ElementsAre("a"));
}

// The oracle: all entries at once, in sets.
TEST(GarbageDiffTest, FindsWhatComparingEverythingAtOnceFinds) {
  base::Random random(support::TestSeed());
  for (int history = 0; history < 300; ++history) {
    std::vector<Entries> replicas(1 + random.Uniform(5));
    std::set<std::string> expected;
    for (uint64_t i = random.Uniform(60); i > 0; --i) {
      const std::string key = absl::StrFormat("%02d", random.Uniform(100));
      for (Entries& entries : replicas) {
        if (!random.OneIn(6)) entries[key] = At(1 + random.Uniform(10) / 9);
      }
    }
    for (const Entries& entries : replicas) {
      for (const auto& [key, ballot] : entries) {
        for (const Entries& other : replicas) {
          const auto it = other.find(key);
          if (it == other.end() || it->second != ballot) expected.insert(key);
        }
      }
    }
    GarbageDiff diff(replicas.size(), 1000);

    Drive(replicas, 1 + random.Uniform(20), &diff);

    EXPECT_TRUE(diff.is_complete());
    EXPECT_THAT(diff.TakeKeys(), testing::ElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace quorumcache::replica
