// SPDX-License-Identifier: Apache-2.0
#include "cli/change_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::cli {
namespace {

// n1, n2, ... at host-1:7400, host-2:7400, ..., with weight 100 and 64 partitions each.
v1::GetClusterMapResponse MapOf(int node_count) {
  v1::GetClusterMapResponse map;
  for (int i = 1; i <= node_count; ++i) {
    v1::Node& node = *map.add_nodes();
    node.set_id("n" + std::to_string(i));
    node.set_address("host-" + std::to_string(i) + ":7400");
    node.set_weight(100);
    node.set_partition_count(64);
  }
  return map;
}

TEST(ChangeCheckTest, ARemovedNodeMustBeGone) {
  v1::Change change;
  change.add_remove("n4");

  EXPECT_EQ(WhatIsNotDone(change, MapOf(4)), "n4 is still in the map");
  EXPECT_EQ(WhatIsNotDone(change, MapOf(3)), "");
}

TEST(ChangeCheckTest, ADrainedNodeMustHoldNothing) {
  v1::Change change;
  change.add_drain("n2");
  v1::GetClusterMapResponse map = MapOf(3);

  EXPECT_EQ(WhatIsNotDone(change, map), "n2 still holds 64 partitions");
  map.mutable_nodes(1)->set_partition_count(0);
  EXPECT_EQ(WhatIsNotDone(change, map), "");
}

TEST(ChangeCheckTest, AnAddedNodeMustHaveAShare) {
  v1::Change change;
  change.add_add()->set_address("host-4:7400");
  v1::GetClusterMapResponse map = MapOf(4);

  EXPECT_EQ(WhatIsNotDone(change, map), "");
  map.mutable_nodes(3)->set_weight(0);
  EXPECT_EQ(WhatIsNotDone(change, map), "n4 has weight 0");
  EXPECT_EQ(WhatIsNotDone(change, MapOf(3)), "no node has the address host-4:7400");
}

TEST(ChangeCheckTest, AReplacedNodeMustBeGoneAndTheNewOneHaveItsShare) {
  v1::Change change;
  change.add_replace()->set_dead_id("n1");
  change.mutable_replace(0)->mutable_with()->set_address("host-4:7400");
  v1::GetClusterMapResponse map = MapOf(4);

  EXPECT_EQ(WhatIsNotDone(change, map), "n1 is still in the map");
  map.mutable_nodes()->DeleteSubrange(0, 1);
  EXPECT_EQ(WhatIsNotDone(change, map), "");
}

TEST(ChangeCheckTest, ANodeThatReplacesItselfStays) {
  v1::Change change;
  change.add_replace()->set_dead_id("n1");

  EXPECT_EQ(WhatIsNotDone(change, MapOf(3)), "");
}

TEST(ChangeCheckTest, EveryPartThatIsNotDoneIsNamed) {
  v1::Change change;
  change.add_remove("n1");
  v1::SetWeight& weight = *change.add_set_weight();
  weight.set_node_id("n2");
  weight.set_weight(50);

  EXPECT_EQ(WhatIsNotDone(change, MapOf(3)), "n1 is still in the map, n2 has weight 100");
}

v1::Rebalance Running(uint64_t change_epoch, const std::string& description) {
  v1::Rebalance rebalance;
  rebalance.set_state(v1::REBALANCE_STATE_RUNNING);
  rebalance.set_change_epoch(change_epoch);
  rebalance.set_description(description);
  return rebalance;
}

v1::Rebalance IdleAfter(uint64_t change_epoch, const std::string& description, bool was_aborted) {
  v1::Rebalance rebalance;
  rebalance.set_state(v1::REBALANCE_STATE_IDLE);
  v1::EndedChange& ended = *rebalance.mutable_last_ended();
  ended.set_change_epoch(change_epoch);
  ended.set_description(description);
  ended.set_was_aborted(was_aborted);
  return rebalance;
}

TEST(WaitedChangesTest, WhatWasDoneIsWell) {
  WaitedChanges waited;
  waited.Note(Running(7, "add n4"));
  waited.Note(IdleAfter(7, "add n4", /*was_aborted=*/false));

  EXPECT_THAT(waited.Verdict(), support::IsOk());
}

TEST(WaitedChangesTest, WhatWasAbortedFails) {
  WaitedChanges waited;
  waited.Note(Running(7, "add n4"));
  waited.Note(IdleAfter(7, "add n4", /*was_aborted=*/true));

  const absl::Status verdict = waited.Verdict();

  EXPECT_EQ(ExitCodeOf(verdict, Effect::kReads), ExitCode::kFailure);
  EXPECT_THAT(std::string(verdict.message()), testing::HasSubstr("\"add n4\" was aborted"));
  EXPECT_FALSE(waited.AbortedOnly().ok());
}

TEST(WaitedChangesTest, WhatEndedBeforeIsNotHeldAgainstTheCommand) {
  WaitedChanges waited;
  waited.Note(IdleAfter(7, "add n4", /*was_aborted=*/true));

  EXPECT_THAT(waited.Verdict(), support::IsOk());
}

TEST(WaitedChangesTest, AnExpectedChangeCountsThoughItWasNeverSeenUnderWay) {
  WaitedChanges waited;
  waited.Expect(7);
  waited.Note(IdleAfter(7, "add n4", /*was_aborted=*/true));

  EXPECT_FALSE(waited.AbortedOnly().ok());
}

TEST(WaitedChangesTest, OfTwoInARowTheAbortedOneFails) {
  WaitedChanges waited;
  waited.Note(Running(7, "add n4"));
  v1::Rebalance second = Running(9, "add n5");
  *second.mutable_last_ended() = IdleAfter(7, "add n4", true).last_ended();
  waited.Note(second);
  waited.Note(IdleAfter(9, "add n5", /*was_aborted=*/false));

  EXPECT_THAT(std::string(waited.Verdict().message()), testing::HasSubstr("add n4"));
}

// The coordinator that told of the change was killed, and the next one has not seen it.
TEST(WaitedChangesTest, AnEndThatNobodyToldIsNoSuccess) {
  WaitedChanges waited;
  waited.Note(Running(7, "add n4"));
  waited.Note(v1::Rebalance());

  EXPECT_THAT(std::string(waited.Verdict().message()), testing::HasSubstr("does not know"));
  EXPECT_THAT(waited.AbortedOnly(), support::IsOk());
}

}  // namespace
}  // namespace quorumcache::cli
