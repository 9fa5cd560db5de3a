// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/dropper.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorumcache::replica {
namespace {

using base::MonotonicTime;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

MonotonicTime At(int64_t ms) {
  return MonotonicTime::FromNanos(ms * 1'000'000);
}

DropTask TaskOf(uint32_t partition, uint32_t epoch = 5) {
  return {.partition = partition,
          .epoch = epoch,
          .others_needed = 2,
          .others = {{"n1", 101}, {"n2", 102}, {"n3", 103}}};
}

// Answers of one partition.
absl::StatusOr<std::vector<uint32_t>> Epoch(uint32_t epoch) {
  return std::vector<uint32_t>{epoch};
}

TEST(DropperTest, DropsOnlyOnceAMajorityHasWrittenTheEpochDown) {
  Dropper dropper({});
  const Dropper::Actions asked = dropper.OnTasks({TaskOf(4)}, At(0));
  ASSERT_THAT(asked.asks, SizeIs(3));
  EXPECT_THAT(asked.asks[0].partitions, ElementsAre(4u));
  EXPECT_THAT(asked.drops, IsEmpty());

  EXPECT_THAT(dropper.OnEpochs(asked.asks[0].id, Epoch(5), At(1)).drops, IsEmpty());
  EXPECT_THAT(dropper.OnEpochs(asked.asks[1].id, Epoch(4), At(1)).drops, IsEmpty());
  EXPECT_THAT(dropper.OnEpochs(asked.asks[2].id, Epoch(6), At(1)).drops, ElementsAre(4u));
}

TEST(DropperTest, AsksAgainThoseWhoDidNotKnowOrWereAway) {
  Dropper dropper({.poll = absl::Milliseconds(10)});
  const Dropper::Actions asked = dropper.OnTasks({TaskOf(4)}, At(0));
  EXPECT_THAT(dropper.OnTimer(At(50)).asks, IsEmpty()) << "not all have answered";
  (void)dropper.OnEpochs(asked.asks[0].id, Epoch(5), At(51));
  (void)dropper.OnEpochs(asked.asks[1].id, Epoch(4), At(51));
  (void)dropper.OnEpochs(asked.asks[2].id, absl::UnavailableError("away"), At(51));

  const Dropper::Actions again = dropper.OnTimer(dropper.wake_at());
  ASSERT_THAT(again.asks, SizeIs(2));
  EXPECT_EQ(again.asks[0].node.id, "n2");
  EXPECT_EQ(again.asks[1].node.id, "n3");
}

TEST(DropperTest, DropsPageByPageOnePartitionAtATime) {
  Dropper dropper({.drops_unasked = true});
  EXPECT_THAT(dropper.OnTasks({TaskOf(1), TaskOf(2)}, At(0)).drops, ElementsAre(1u));
  EXPECT_THAT(dropper.OnTimer(At(1)).drops, IsEmpty());
  EXPECT_THAT(dropper.OnDropped(1, {absl::OkStatus(), false, 9}, At(1)).drops, ElementsAre(1u));
  EXPECT_THAT(dropper.OnDropped(1, {absl::OkStatus(), true, 9}, At(2)).drops, ElementsAre(2u));
  EXPECT_THAT(dropper.OnDropped(2, {absl::OkStatus(), true, 9}, At(3)).drops, IsEmpty());
  EXPECT_EQ(dropper.drops_left(), 0u);
  EXPECT_EQ(dropper.wake_at(), MonotonicTime::Infinite());
}

TEST(DropperTest, AFailedDropWaitsAndIsTriedAgain) {
  Dropper dropper({.poll = absl::Milliseconds(10), .drops_unasked = true});
  (void)dropper.OnTasks({TaskOf(1)}, At(0));

  EXPECT_THAT(dropper.OnDropped(1, {absl::UnavailableError("full"), false, 0}, At(5)).drops,
              IsEmpty());
  EXPECT_EQ(dropper.wake_at(), At(15));
  EXPECT_THAT(dropper.OnTimer(At(15)).drops, ElementsAre(1u));
}

TEST(DropperTest, WhatWasKnownOfAnOlderEpochCountsNoMore) {
  Dropper dropper({});
  const Dropper::Actions asked = dropper.OnTasks({TaskOf(4, 5)}, At(0));
  (void)dropper.OnEpochs(asked.asks[0].id, Epoch(5), At(1));
  (void)dropper.OnTasks({TaskOf(4, 9)}, At(2));

  EXPECT_THAT(dropper.OnEpochs(asked.asks[1].id, Epoch(9), At(3)).drops, IsEmpty());
}

TEST(DropperTest, APartitionThatIsBackIsLeftAlone) {
  Dropper dropper({});
  const Dropper::Actions asked = dropper.OnTasks({TaskOf(4)}, At(0));
  (void)dropper.OnTasks({}, At(1));

  for (const Dropper::Ask& ask : asked.asks) {
    EXPECT_THAT(dropper.OnEpochs(ask.id, Epoch(9), At(2)).drops, IsEmpty());
  }
}

}  // namespace
}  // namespace quorumcache::replica
