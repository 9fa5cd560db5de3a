// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/ended_change.h"

#include <gtest/gtest.h>

#include "coordinator/rebalance/plan.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::service {
namespace {

using rebalance::Edit;
using topology::ClusterMap;
using topology::Slot;

ClusterMap MapOf(int nodes) {
  ClusterMap map = topology::SmallMap(nodes);
  for (size_t i = 0; i < map.nodes.size(); ++i) map.nodes[i].incarnation = i + 1;
  return map;
}

ClusterMap Begun(const ClusterMap& map, const std::vector<Edit>& edits) {
  return rebalance::MakePlan(map, {edits}, {})->next;
}

// The first `count` moves have been made.
ClusterMap After(ClusterMap map, size_t count) {
  ++map.epoch;
  auto& moves = map.change->moves;
  for (size_t i = 0; i < count; ++i) {
    map.partitions[moves[i].partition].slots[moves[i].slot] = Slot::Settled(moves[i].to);
  }
  moves.erase(moves.begin(), moves.begin() + static_cast<ptrdiff_t>(count));
  return map;
}

// As the driver ends it.
ClusterMap Done(const ClusterMap& begun) {
  ClusterMap map = After(begun, begun.change->moves.size());
  std::vector<topology::NodeIndex> removes = map.change->removes;
  std::sort(removes.rbegin(), removes.rend());
  map.change.reset();
  for (const topology::NodeIndex node : removes) topology::RemoveNode(map, node);
  return map;
}

const std::vector<std::vector<Edit>> kChanges = {
    {rebalance::DrainNode{"n1"}},
    {rebalance::RemoveNode{"n1"}},
    {rebalance::RemoveNode{.id = "n2", .is_dead = true}},
    {rebalance::SetWeight{"n3", 10}},
    {rebalance::AddNode{.node = {.id = "n9", .address = "h:9", .incarnation = 9}}},
    {rebalance::ReplaceNode{
        .dead = "n1",
        .with = "n9",
        .node = rebalance::AddNode{.node = {.id = "n9", .address = "h:9", .incarnation = 9}}}},
};

TEST(EndedChangeTest, NothingEndsWhereNothingWasUnderWayOrStillIs) {
  const ClusterMap map = MapOf(5);
  const ClusterMap begun = Begun(map, kChanges[0]);

  EXPECT_FALSE(FindEndedChange(map, map).has_value());
  EXPECT_FALSE(FindEndedChange(map, begun).has_value());
  EXPECT_FALSE(FindEndedChange(begun, After(begun, 2)).has_value());
}

TEST(EndedChangeTest, WhatWasDoneWasNotAbortedFromWhereverItWasSeen) {
  for (const std::vector<Edit>& edits : kChanges) {
    const ClusterMap begun = Begun(MapOf(5), edits);
    const ClusterMap done = Done(begun);
    for (size_t seen = 0; seen <= begun.change->moves.size(); ++seen) {
      const auto ended = FindEndedChange(After(begun, seen), done);
      ASSERT_TRUE(ended.has_value());
      EXPECT_EQ(ended->change_epoch, begun.epoch);
      EXPECT_EQ(ended->description, begun.change->summary);
      EXPECT_FALSE(ended->was_aborted) << begun.change->summary << " after " << seen;
    }
  }
}

TEST(EndedChangeTest, WhatWasAbortedIsKnownFromWhereverItWasSeen) {
  for (const std::vector<Edit>& edits : kChanges) {
    const ClusterMap begun = Begun(MapOf(5), edits);
    for (size_t made = 0; made < begun.change->moves.size(); ++made) {
      const ClusterMap aborted = rebalance::MakeAbort(After(begun, made)).value();
      for (size_t seen = 0; seen <= made; ++seen) {
        const auto ended = FindEndedChange(After(begun, seen), aborted);
        ASSERT_TRUE(ended.has_value());
        EXPECT_TRUE(ended->was_aborted) << begun.change->summary << " " << made << "/" << seen;
      }
    }
  }
}

// All has been copied, and n1 would have left with the next map.
TEST(EndedChangeTest, AnAbortAtTheVeryEndIsAnAbort) {
  const ClusterMap begun = Begun(MapOf(5), {rebalance::RemoveNode{"n1"}});
  const ClusterMap copied = After(begun, begun.change->moves.size());

  EXPECT_TRUE(FindEndedChange(copied, rebalance::MakeAbort(copied).value())->was_aborted);
}

TEST(EndedChangeTest, TheNextChangeHasBegunAlready) {
  const ClusterMap begun = Begun(MapOf(5), {rebalance::DrainNode{"n1"}});
  const ClusterMap next = Begun(Done(begun), {rebalance::RemoveNode{"n2"}});
  const ClusterMap retried =
      Begun(rebalance::MakeAbort(begun).value(), {rebalance::RemoveNode{"n2"}});

  EXPECT_FALSE(FindEndedChange(begun, next)->was_aborted);
  EXPECT_TRUE(FindEndedChange(begun, retried)->was_aborted);
}

}  // namespace
}  // namespace quorumcache::service
