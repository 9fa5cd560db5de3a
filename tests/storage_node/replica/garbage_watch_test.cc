// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage_watch.h"

#include <gtest/gtest.h>

namespace quorumcache::replica {
namespace {

constexpr uint64_t kNever = GarbageTally::kNever;

GarbageQuery QueryOf(uint32_t partition, std::string after = "") {
  GarbageQuery query;
  query.partition = partition;
  query.after = std::move(after);
  return query;
}

GarbagePage PageOf(const GarbageTally& tally, std::string resume_after = "") {
  GarbagePage page;
  page.tally = tally;
  page.complete = resume_after.empty();
  page.resume_after = std::move(resume_after);
  return page;
}

TEST(GarbageWatchTest, EverythingIsUnknownAtTheStart) {
  GarbageWatch watch(4);

  watch.OnRecord(1, 500);

  EXPECT_EQ(watch.EarliestMs(1), GarbageWatch::kUnknown);
  EXPECT_EQ(watch.waiting_count(), 0u);
}

TEST(GarbageWatchTest, WalkOverAllPagesTellsWhatWaits) {
  GarbageWatch watch(4);

  watch.OnPage(QueryOf(1), PageOf({.earliest_ms = 300, .count = 2, .bytes = 20}, "k"));
  EXPECT_EQ(watch.EarliestMs(1), GarbageWatch::kUnknown) << "not over yet";
  watch.OnPage(QueryOf(1, "k"), PageOf({.earliest_ms = 200, .count = 1, .bytes = 5}));

  EXPECT_EQ(watch.EarliestMs(1), 200u);
  EXPECT_EQ(watch.waiting_count(), 3u);
  EXPECT_EQ(watch.waiting_bytes(), 25u);
  EXPECT_EQ(watch.EarliestMs(2), GarbageWatch::kUnknown);
}

TEST(GarbageWatchTest, PartitionsAddUpAndALaterWalkReplacesAnEarlier) {
  GarbageWatch watch(4);
  watch.OnPage(QueryOf(1), PageOf({.earliest_ms = 300, .count = 2, .bytes = 20}));
  watch.OnPage(QueryOf(2), PageOf({.earliest_ms = 300, .count = 7, .bytes = 70}));

  watch.OnPage(QueryOf(1), PageOf({}));

  EXPECT_EQ(watch.EarliestMs(1), kNever);
  EXPECT_EQ(watch.waiting_count(), 7u);
  EXPECT_EQ(watch.waiting_bytes(), 70u);
}

TEST(GarbageWatchTest, WriteBringsTheTimeForwardButNeverBack) {
  GarbageWatch watch(1);
  watch.OnPage(QueryOf(0), PageOf({}));

  watch.OnRecord(0, kNever);
  EXPECT_EQ(watch.EarliestMs(0), kNever);
  watch.OnRecord(0, 500);
  watch.OnRecord(0, 900);
  EXPECT_EQ(watch.EarliestMs(0), 500u);
}

TEST(GarbageWatchTest, WriteDuringAWalkIsNotForgottenAtItsEnd) {
  GarbageWatch watch(1);
  watch.OnPage(QueryOf(0), PageOf({}, "k"));

  watch.OnRecord(0, 500);
  watch.OnPage(QueryOf(0, "k"), PageOf({}));

  EXPECT_EQ(watch.EarliestMs(0), 500u);
}

TEST(GarbageWatchTest, ForgottenPartitionIsUnknownAndWaitsForNothing) {
  GarbageWatch watch(2);
  watch.OnPage(QueryOf(0), PageOf({.earliest_ms = 300, .count = 2, .bytes = 20}));
  watch.OnPage(QueryOf(1), PageOf({.earliest_ms = 300, .count = 1, .bytes = 10}));

  watch.Forget(0);

  EXPECT_EQ(watch.EarliestMs(0), GarbageWatch::kUnknown);
  EXPECT_EQ(watch.waiting_count(), 1u);
  EXPECT_EQ(watch.waiting_bytes(), 10u);
}

TEST(GarbageWatchTest, CrossedOrFailedWalkChangesNothing) {
  GarbageWatch watch(1);
  watch.OnPage(QueryOf(0), PageOf({.earliest_ms = 300, .count = 2, .bytes = 20}));
  GarbagePage failed = PageOf({});
  failed.status = model::ReplyStatus::kCorrupt;

  watch.OnPage(QueryOf(0), PageOf({}, "k"));
  watch.OnPage(QueryOf(0, "j"), PageOf({}));
  EXPECT_EQ(watch.waiting_count(), 2u) << "a page of another walk";
  watch.OnPage(QueryOf(0, "k"), PageOf({}));
  EXPECT_EQ(watch.waiting_count(), 2u) << "the first walk is not what it was";
  watch.OnPage(QueryOf(0), PageOf({}, "k"));
  watch.OnPage(QueryOf(0, "k"), failed);
  EXPECT_EQ(watch.EarliestMs(0), 300u);
}

}  // namespace
}  // namespace quorumcache::replica
