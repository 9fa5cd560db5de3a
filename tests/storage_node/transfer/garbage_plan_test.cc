// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/replica/garbage_watch.h"

namespace quorumcache::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using topology::Slot;

constexpr uint64_t kGraceMs = 1'000;
constexpr uint64_t kNowMs = 10'000;
constexpr uint64_t kDue = kNowMs - kGraceMs;
constexpr uint64_t kNever = replica::GarbageTally::kNever;
constexpr uint64_t kUnknown = replica::GarbageWatch::kUnknown;

// Four nodes; every partition is on the first three, so that node 0 runs rounds over 0 and 3.
topology::ClusterMap MapOf(uint32_t partitions) {
  topology::ClusterMap map;
  map.nodes.resize(4);
  map.partitions.resize(partitions);
  for (topology::PartitionEntry& entry : map.partitions) {
    entry.epoch = 1;
    entry.slots = {Slot::Settled(0), Slot::Settled(1), Slot::Settled(2)};
  }
  return map;
}

std::vector<GarbageJob> JobsOf(const GarbagePassPlan& plan) {
  return {plan.jobs.begin(), plan.jobs.end()};
}

TEST(GarbagePlanTest, EachPartitionHasOneNodeThatRunsItsRounds) {
  const topology::ClusterMap map = MapOf(6);

  std::vector<int> rounds(4);
  for (uint32_t partition = 0; partition < 6; ++partition) {
    for (topology::NodeIndex node = 0; node < 4; ++node) {
      rounds[node] += RunsRounds(map, partition, node);
    }
  }

  EXPECT_THAT(rounds, ElementsAre(2, 2, 2, 0));
}

TEST(GarbagePlanTest, OnlyPartitionsWithSomethingDeadForLongerThanTheGraceAreTaken) {
  topology::ClusterMap map = MapOf(12);
  std::vector<uint64_t> earliest(12, kNever);
  earliest[0] = kDue;
  earliest[3] = kDue + 1;
  earliest[1] = kDue;  // node 1's

  const GarbagePassPlan plan = PlanGarbagePass(map, 0, earliest, kNowMs, kGraceMs, {});

  EXPECT_THAT(JobsOf(plan), ElementsAre(GarbageJob{.partition = 0}));
  EXPECT_EQ(plan.unsettled, 0u);
  EXPECT_THAT(JobsOf(PlanGarbagePass(map, 0, earliest, kGraceMs - 1, kGraceMs, {})), IsEmpty());
}

TEST(GarbagePlanTest, UnknownPartitionIsTaken) {
  const GarbagePassPlan plan =
      PlanGarbagePass(MapOf(3), 1, std::vector<uint64_t>(3, kUnknown), kNowMs, kGraceMs, {});

  EXPECT_THAT(JobsOf(plan), ElementsAre(GarbageJob{.partition = 1}));
  EXPECT_THAT(plan.was_unknown, ElementsAre(true, true, true));
}

TEST(GarbagePlanTest, PartitionThatMovesOrIsVacantIsLeftAloneAndCounted) {
  topology::ClusterMap map = MapOf(4);
  map.partitions[0].slots[2] = Slot::Moving(2, 3);
  map.partitions[3].slots[1] = Slot::Vacant(3);

  const GarbagePassPlan plan =
      PlanGarbagePass(map, 0, std::vector<uint64_t>(4, kDue), kNowMs, kGraceMs, {});

  EXPECT_THAT(plan.jobs, IsEmpty());
  EXPECT_EQ(plan.unsettled, 2u);
}

TEST(GarbagePlanTest, WhatStaysUnknownIsSurveyedInTheNextPass) {
  topology::ClusterMap map = MapOf(3);
  map.partitions[0].slots[2] = Slot::Moving(2, 3);
  const std::vector<uint64_t> earliest(3, kUnknown);

  const GarbagePassPlan first = PlanGarbagePass(map, 0, earliest, kNowMs, kGraceMs, {});
  const GarbagePassPlan second =
      PlanGarbagePass(map, 0, earliest, kNowMs, kGraceMs, first.was_unknown);

  EXPECT_THAT(first.jobs, IsEmpty());
  EXPECT_THAT(JobsOf(second), ElementsAre(GarbageJob{.partition = 0, .is_survey = true},
                                          GarbageJob{.partition = 1, .is_survey = true},
                                          GarbageJob{.partition = 2, .is_survey = true}));
}

TEST(GarbagePlanTest, PartitionsOfOthersAreNoneOfOurBusiness) {
  const topology::ClusterMap map = MapOf(3);
  const std::vector<uint64_t> earliest(3, kUnknown);

  const GarbagePassPlan plan =
      PlanGarbagePass(map, 3, earliest, kNowMs, kGraceMs, std::vector<bool>(3, true));

  EXPECT_THAT(plan.jobs, IsEmpty());
  EXPECT_EQ(FindWaiting(map, 3, std::vector<uint64_t>(3, kDue), kNowMs, kGraceMs).partitions, 0u);
}

TEST(GarbagePlanTest, WaitingCountsWhatIsHeldAndOverdueAndTheOldestOfIt) {
  const topology::ClusterMap map = MapOf(4);
  const std::vector<uint64_t> earliest = {kDue - 500, kDue + 1, kUnknown, kDue - 100};

  const WaitingGarbage waiting = FindWaiting(map, 1, earliest, kNowMs, kGraceMs);

  EXPECT_EQ(waiting.partitions, 2u);
  EXPECT_EQ(waiting.oldest_ms, 501u);
}

}  // namespace
}  // namespace quorumcache::transfer
