// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/slots.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::quorum {
namespace {

using model::Consistency;
using model::ReplicaSet;

// The rules of docs/PROTOCOL.md#topology as they are written there, slot by slot: slow and obvious.
struct Oracle {
  explicit Oracle(const ReplicaSet& set) : set_(set) {
    for (size_t i = 0; i < set.replicas.size(); ++i) {
      slots_[set.replicas[i].slot].push_back(static_cast<ReplicaIndex>(i));
    }
  }

  size_t Covered(ReplicaMask yes) const {
    size_t count = 0;
    for (const auto& [slot, nodes] : slots_) {
      bool all = true;
      for (ReplicaIndex node : nodes) all = all && (yes & Bit(node)) != 0;
      if (all && !set_.IsVacant(slot)) ++count;
    }
    return count;
  }

  // A slot stays open while every one of its nodes may still say yes.
  size_t Open(ReplicaMask no) const {
    size_t count = 0;
    for (const auto& [slot, nodes] : slots_) {
      bool none_said_no = true;
      for (ReplicaIndex node : nodes) none_said_no = none_said_no && (no & Bit(node)) == 0;
      if (none_said_no && !set_.IsVacant(slot)) ++count;
    }
    return count;
  }

  const ReplicaSet& set_;
  std::map<uint8_t, std::vector<ReplicaIndex>> slots_;
};

ReplicaSet MakeSet(std::initializer_list<int> slots, uint16_t vacant = 0) {
  ReplicaSet set;
  uint16_t node = 0;
  for (int slot : slots) {
    set.replicas.push_back({node++, static_cast<uint8_t>(slot)});
    set.slot_count = std::max<uint8_t>(set.slot_count, static_cast<uint8_t>(slot + 1));
  }
  set.vacant_slots = vacant;
  return set;
}

ReplicaSet RandomSet(base::Random* random) {
  ReplicaSet set;
  set.slot_count = static_cast<uint8_t>(1 + random->Uniform(7));
  uint16_t node = 0;
  for (uint8_t slot = 0; slot < set.slot_count; ++slot) {
    if (random->OneIn(6)) set.vacant_slots |= static_cast<uint16_t>(1u << slot);
    // A vacant slot may have no node at all.
    const uint64_t nodes = set.IsVacant(slot) ? random->Uniform(2) : 1 + random->OneIn(4);
    for (uint64_t i = 0; i < nodes; ++i) set.replicas.push_back({node++, slot});
  }
  for (size_t i = set.replicas.size(); i > 1; --i) {
    std::swap(set.replicas[i - 1], set.replicas[random->Uniform(i)]);
  }
  return set;
}

TEST(SlotsTest, PlainSlotsCountTheirNodes) {
  const ReplicaSet set = MakeSet({0, 1, 2});

  EXPECT_EQ(SlotsCovered(set, 0b000), 0);
  EXPECT_EQ(SlotsCovered(set, 0b101), 2);
  EXPECT_EQ(SlotsOpen(set, 0b101), 1);
  EXPECT_EQ(AllReplicas(set), 0b111);
}

TEST(SlotsTest, AMovingSlotNeedsBothOfItsNodes) {
  const ReplicaSet set = MakeSet({0, 1, 2, 2});

  EXPECT_EQ(SlotsCovered(set, 0b0100), 0);
  EXPECT_EQ(SlotsCovered(set, 0b1000), 0);
  EXPECT_EQ(SlotsCovered(set, 0b1100), 1);
  EXPECT_EQ(SlotsOpen(set, 0b0100), 2);
  EXPECT_EQ(SlotMates(set, 3), 0b1100);
  EXPECT_EQ(WholeSlotReplicas(set), 0b0011);
}

TEST(SlotsTest, AVacantSlotNeverCounts) {
  const ReplicaSet set = MakeSet({0, 1, 2}, 0b100);

  EXPECT_EQ(SlotsCovered(set, 0b111), 2);
  EXPECT_EQ(SlotsOpen(set, 0), 2);
  EXPECT_EQ(CountingReplicas(set), 0b011);
  EXPECT_EQ(WholeSlotReplicas(set), 0b011);
}

TEST(SlotsTest, LevelsAskForTheirNumber) {
  const ReplicaSet set = MakeSet({0, 1, 2, 3, 4}, 0b1);

  EXPECT_EQ(SlotsRequired(set, Consistency::kOne), 1);
  EXPECT_EQ(SlotsRequired(set, Consistency::kQuorum), 3);
  EXPECT_EQ(SlotsRequired(set, Consistency::kUnspecified), 3);
  EXPECT_EQ(SlotsRequired(set, Consistency::kAll), 5);
}

TEST(SlotsTest, AgreesWithTheOracleOnEverySubset) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 300; ++i) {
    const ReplicaSet set = RandomSet(&random);
    const Oracle oracle(set);
    for (uint32_t mask = 0; mask <= AllReplicas(set); ++mask) {
      const auto subset = static_cast<ReplicaMask>(mask);
      ASSERT_EQ(SlotsCovered(set, subset), oracle.Covered(subset));
      ASSERT_EQ(SlotsOpen(set, subset), oracle.Open(subset));
    }
  }
}

// What makes it all work: two sets of yeses that both reach a majority have a node in common.
TEST(SlotsTest, TwoMajoritiesShareANode) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 20'000; ++i) {
    const ReplicaSet set = RandomSet(&random);
    const auto a = static_cast<ReplicaMask>(random.Next() & AllReplicas(set));
    const auto b = static_cast<ReplicaMask>(random.Next() & AllReplicas(set));
    if (SlotsCovered(set, a) < set.Majority() || SlotsCovered(set, b) < set.Majority()) continue;
    ASSERT_NE(a & b, 0);
  }
}

TEST(SlotsTest, MoreYesesNeverCoverFewerSlots) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 5'000; ++i) {
    const ReplicaSet set = RandomSet(&random);
    const auto some = static_cast<ReplicaMask>(random.Next() & AllReplicas(set));
    const auto more = static_cast<ReplicaMask>(some | (random.Next() & AllReplicas(set)));
    ASSERT_LE(SlotsCovered(set, some), SlotsCovered(set, more));
    ASSERT_GE(SlotsOpen(set, some), SlotsOpen(set, more));
  }
}

}  // namespace
}  // namespace quorumcache::quorum
