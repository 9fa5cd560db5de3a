// SPDX-License-Identifier: Apache-2.0
#include "tests/history/linearizability.h"

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/history/brute_force.h"
#include "tests/history/test_histories.h"
#include "tests/support/seed.h"

namespace quorumcache::history {
namespace {

bool Accepts(const History& history) {
  return CheckLinearizable(history) == Linearizable::kYes;
}

TEST(LinearizabilityTest, AcceptsReadOfTheLastWrite) {
  EXPECT_TRUE(Accepts({SetOk(0, 10, 7), GetFound(20, 30, 7), DeleteOk(40, 50), GetMiss(60, 70)}));
}

TEST(LinearizabilityTest, RejectsAStaleRead) {
  EXPECT_FALSE(Accepts({SetOk(0, 10, 7), SetOk(20, 30, 8), GetFound(40, 50, 7)}));
}

TEST(LinearizabilityTest, RejectsALostWrite) {
  EXPECT_FALSE(Accepts({SetOk(0, 10, 7), GetMiss(20, 30)}));
}

TEST(LinearizabilityTest, RejectsAValueFromNowhere) {
  EXPECT_FALSE(Accepts({GetFound(20, 30, 9)}));
}

TEST(LinearizabilityTest, RejectsAReadThatGoesBackWhileAWriteIsUnderWay) {
  const ClientOp slow_set = SetOk(0, 100, 7);

  EXPECT_TRUE(Accepts({slow_set, GetMiss(10, 20), GetFound(30, 40, 7)}));
  EXPECT_FALSE(Accepts({slow_set, GetFound(10, 20, 7), GetMiss(30, 40)}));
}

TEST(LinearizabilityTest, AnUnknownWriteMayComeLateOrNever) {
  const ClientOp unknown = Unknown(SetOk(0, 0, 7));

  EXPECT_TRUE(Accepts({unknown, GetMiss(10, 20)}));
  EXPECT_TRUE(Accepts({unknown, GetMiss(10, 20), GetFound(900, 910, 7)}));
  EXPECT_FALSE(Accepts({unknown, GetFound(10, 20, 7), GetMiss(30, 40)}));
}

TEST(LinearizabilityTest, RejectsTheEffectOfAWriteThatWasNotApplied) {
  ClientOp refused = SetOk(0, 10, 7);
  refused.outcome = ClientOutcome::kNotApplied;

  EXPECT_TRUE(Accepts({refused, GetMiss(20, 30)}));
  EXPECT_FALSE(Accepts({refused, GetFound(20, 30, 7)}));
}

TEST(LinearizabilityTest, RejectsALostAndADoubledIncrement) {
  EXPECT_TRUE(Accepts({IncrementOk(0, 10, 1), IncrementOk(5, 15, 2), GetFound(20, 30, 2)}));
  EXPECT_FALSE(Accepts({IncrementOk(0, 10, 1), IncrementOk(5, 15, 1)}));
  EXPECT_FALSE(Accepts({IncrementOk(0, 10, 1), GetFound(20, 30, 2)}));
}

TEST(LinearizabilityTest, RejectsTwoWinnersOfIfAbsent) {
  ClientOp first = SetOk(0, 10, 7);
  ClientOp second = SetOk(5, 15, 8);
  first.condition = second.condition = ClientCondition::kIfAbsent;

  EXPECT_FALSE(Accepts({first, second}));

  second.outcome = ClientOutcome::kConditionFailed;
  EXPECT_TRUE(Accepts({first, second}));
}

TEST(LinearizabilityTest, RejectsAFailedConditionThatHeld) {
  ClientOp set = SetOk(20, 30, 8);
  set.condition = ClientCondition::kIfPresent;
  set.outcome = ClientOutcome::kConditionFailed;

  EXPECT_FALSE(Accepts({SetOk(0, 10, 7), set}));
}

TEST(LinearizabilityTest, RejectsReadsAfterTheTimeToLiveAndMissesBeforeIt) {
  ClientOp set = SetOk(0, 10, 7);
  set.has_ttl = true;
  const ClientOp expiry = ExpiryOf(0, 100, 200);

  EXPECT_TRUE(Accepts({set, GetFound(150, 160, 7), GetMiss(170, 180), expiry}));
  EXPECT_FALSE(Accepts({set, GetFound(210, 220, 7), expiry}));
  EXPECT_FALSE(Accepts({set, GetMiss(50, 60), expiry}));
  EXPECT_FALSE(Accepts({set, GetMiss(150, 160), GetFound(170, 180, 7), expiry}));
}

TEST(LinearizabilityTest, AWriteWhoseTimeWasOverNeverShows) {
  ClientOp set = SetOk(0, 500, 7);
  set.has_ttl = true;

  EXPECT_TRUE(Accepts({set, GetMiss(300, 310), GetMiss(600, 610), ExpiryOf(0, 100, 200)}));
  EXPECT_FALSE(Accepts({set, GetFound(300, 310, 7), ExpiryOf(0, 100, 200)}));
}

TEST(LinearizabilityTest, LongHistoriesTakeNoTime) {
  History history;
  for (int64_t i = 0; i < 50'000; ++i) {
    history.push_back(SetOk(i * 20, i * 20 + 15, i + 1));
    history.push_back(GetFound(i * 20 + 16, i * 20 + 19, i + 1));
  }

  EXPECT_TRUE(Accepts(history));

  history.back().value_read = 1;
  EXPECT_EQ(CheckLinearizable(history), Linearizable::kNo);
}

TEST(LinearizabilityTest, UnknownWritesThatNobodySawDoNotCount) {
  History history;
  for (int64_t i = 0; i < 1'000; ++i) history.push_back(Unknown(SetOk(i, 0, i + 1)));
  history.push_back(GetMiss(2'000, 2'010));

  EXPECT_TRUE(Accepts(history));
}

TEST(LinearizabilityTest, AnUnknownWriteThatNobodyReadMayStillBeTheReasonOfAFailedCondition) {
  ClientOp set = SetOk(20, 30, 8);
  set.condition = ClientCondition::kIfAbsent;
  set.outcome = ClientOutcome::kConditionFailed;

  EXPECT_TRUE(Accepts({Unknown(SetOk(0, 0, 7)), set}));
  EXPECT_FALSE(Accepts({Unknown(SetOk(40, 0, 7)), set}));
}

TEST(LinearizabilityTest, TooManyAtOnceAreUndecidedNotAccepted) {
  History history;
  for (int64_t i = 0; i < 70; ++i) history.push_back(Unknown(SetOk(i, 0, i + 1)));
  for (int64_t i = 0; i < 70; ++i) history.push_back(GetFound(100 + i, 101 + i, i + 1));

  EXPECT_EQ(CheckLinearizable(history), Linearizable::kUndecided);
}

// The oracle tries every order; the two must agree on every small history, right or wrong.
TEST(LinearizabilityTest, AgreesWithBruteForceOnSmallHistories) {
  base::Random random(support::TestSeed());
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const History history = RandomHistory(&random);
    const bool oracle = IsLinearizableByBruteForce(history);
    ASSERT_EQ(Accepts(history), oracle) << Describe(history);
    accepted += oracle;
  }
  EXPECT_GT(accepted, 2'000);
  EXPECT_LT(accepted, 18'000);
}

}  // namespace
}  // namespace quorumcache::history
