// SPDX-License-Identifier: Apache-2.0
// The merge of two copies of a key, against a slow oracle: the set of ballots that each has held.
#include <algorithm>
#include <set>
#include <string>

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "storage_node/replica/transfer.h"
#include "tests/storage_node/replica/replica_fixture.h"
#include "tests/support/seed.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;

// A replica that remembers everything.
struct History {
  std::set<Ballot> held;
  Ballot promised;

  Acceptor ToAcceptor() const {
    Acceptor acceptor;
    if (!held.empty()) acceptor.accepted = *held.rbegin();
    if (held.size() > 1) acceptor.previous = *std::next(held.rbegin());
    if (promised > acceptor.accepted) acceptor.promised = promised;
    return acceptor;
  }
};

History RandomHistory(base::Random* random) {
  History history;
  for (uint64_t n = random->Uniform(5); n > 0; --n) {
    history.held.insert(BallotAt(1 + random->Uniform(12)));
  }
  if (random->OneIn(2)) history.promised = BallotAt(1 + random->Uniform(15));
  return history;
}

// `record` outlives what comes of it.
MergeSide SideOf(const History& history, absl::string_view record) {
  return {history.ToAcceptor(), history.held.empty() ? absl::string_view() : record};
}

// "b never took part here", as the fall-back of a blind write attests it.
bool Attests(const Acceptor& acceptor, const Ballot& b) {
  return acceptor.accepted < b || (acceptor.accepted > b && acceptor.previous < b);
}

TEST(MergeTest, OfOneSlotIsWhatOneReplicaWithBothPastsWouldBe) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 20'000; ++round) {
    const History ours = RandomHistory(&random);
    const History theirs = RandomHistory(&random);
    History both = ours;
    both.held.insert(theirs.held.begin(), theirs.held.end());
    both.promised = std::max(ours.promised, theirs.promised);

    const MergeSide merged = Merge(SideOf(ours, "ours"), SideOf(theirs, "theirs"), true);

    ASSERT_EQ(merged.acceptor, both.ToAcceptor());
    if (both.held.empty()) continue;
    const bool is_ours = ours.held.contains(*both.held.rbegin());
    ASSERT_EQ(merged.record, is_ours ? "ours" : "theirs");
  }
}

TEST(MergeTest, FromAnotherSlotAttestsNothingBelowItsRecord) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 20'000; ++round) {
    const History ours = RandomHistory(&random);
    const History theirs = RandomHistory(&random);
    if (theirs.held.empty()) continue;
    const Ballot top = *theirs.held.rbegin();

    const MergeSide merged = Merge(SideOf(ours, "ours"), SideOf(theirs, "theirs"), false);

    for (uint64_t ms = 1; BallotAt(ms) <= top; ++ms) {
      ASSERT_FALSE(Attests(merged.acceptor, BallotAt(ms))) << ms;
    }
    ASSERT_GE(merged.acceptor.promise(), std::max(ours.promised, theirs.promised));
  }
}

TEST(MergeTest, IsTheSameTwice) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 5'000; ++round) {
    const MergeSide ours = SideOf(RandomHistory(&random), "ours");
    const MergeSide theirs = SideOf(RandomHistory(&random), "theirs");
    for (const bool same_slot : {true, false}) {
      const MergeSide once = Merge(ours, theirs, same_slot);
      const MergeSide twice = Merge(once, theirs, same_slot);
      ASSERT_EQ(twice.acceptor, once.acceptor);
      ASSERT_EQ(twice.record, once.record);
    }
  }
}

}  // namespace
}  // namespace quorumcache::replica
