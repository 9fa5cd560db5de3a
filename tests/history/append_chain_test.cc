// SPDX-License-Identifier: Apache-2.0
#include "tests/history/append_chain.h"

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/history/brute_force.h"
#include "tests/history/test_histories.h"
#include "tests/support/seed.h"

namespace quorumcache::history {
namespace {

// A change told that it replaced `previous`; 0: nothing was there.
ClientOp Append(int64_t invoked_ns, int64_t returned_ns, int64_t value, int64_t previous) {
  ClientOp op = SetOk(invoked_ns, returned_ns, value);
  op.return_previous = op.previous_known = true;
  op.has_previous = previous != 0;
  op.value_read = previous;
  return op;
}

// One that was not told: a try that found the change made.
ClientOp AppendUntold(int64_t invoked_ns, int64_t returned_ns, int64_t value) {
  ClientOp op = SetOk(invoked_ns, returned_ns, value);
  op.return_previous = true;
  return op;
}

ClientOp UnknownAppend(int64_t invoked_ns, int64_t value) {
  return Unknown(AppendUntold(invoked_ns, 0, value));
}

bool Accepts(const History& history) {
  return CheckAppendChain(history) == std::nullopt;
}

TEST(AppendChainTest, AcceptsAChainInTheOrderOfTime) {
  EXPECT_TRUE(Accepts({Append(0, 10, 1, 0), Append(20, 30, 2, 1), GetFound(40, 50, 2)}));
  EXPECT_TRUE(Accepts({Append(0, 10, 1, 2), Append(5, 15, 2, 0), GetFound(40, 50, 1)}));
}

TEST(AppendChainTest, RejectsTwoChangesOfTheSameValue) {
  const History history = {Append(0, 10, 1, 0), Append(20, 30, 2, 1), Append(20, 30, 3, 1)};

  EXPECT_FALSE(Accepts(history));

  AppendChain chain;
  chain.Add(history[0]);
  chain.Add(history[1]);
  EXPECT_EQ(chain.violation(), "");
  chain.Add(history[2]);
  EXPECT_NE(chain.violation(), "");
}

TEST(AppendChainTest, RejectsALostChange) {
  EXPECT_FALSE(Accepts({Append(0, 10, 1, 0), Append(20, 30, 2, 0)}));
  EXPECT_FALSE(Accepts({Append(0, 10, 1, 0), GetMiss(20, 30)}));
  EXPECT_FALSE(Accepts({Append(0, 10, 1, 0), Append(20, 30, 2, 1), GetFound(40, 50, 1)}));
}

TEST(AppendChainTest, RejectsAnOrderThatOnlyFarMembersContradict) {
  // 3 -> 2 -> 1 by pairs of concurrent changes, but 1 had returned before 3 was asked for.
  const History history = {Append(1, 5, 1, 2), Append(0, 30, 2, 3), Append(10, 20, 3, 0)};

  EXPECT_FALSE(Accepts(history));
}

TEST(AppendChainTest, RejectsAValueFromNowhereAndACircle) {
  EXPECT_FALSE(Accepts({Append(0, 10, 1, 0), GetFound(20, 30, 9)}));
  EXPECT_FALSE(Accepts({Append(0, 10, 1, 2), Append(0, 10, 2, 1)}));
}

TEST(AppendChainTest, AnUnknownChangeMayHaveHappenedOrNot) {
  EXPECT_TRUE(Accepts({UnknownAppend(0, 1), Append(20, 30, 2, 0)}));
  EXPECT_TRUE(Accepts({UnknownAppend(0, 1), Append(20, 30, 2, 1)}));
  EXPECT_TRUE(Accepts({Append(0, 10, 1, 0), UnknownAppend(5, 2), Append(20, 30, 3, 2)}));
  EXPECT_FALSE(Accepts({Append(0, 10, 1, 0), UnknownAppend(50, 2), Append(20, 30, 3, 2)}));
}

TEST(AppendChainTest, ChangesThatWereNotToldArePutWhereTheyFit) {
  const ClientOp first = Append(0, 10, 1, 0);

  EXPECT_TRUE(
      Accepts({first, AppendUntold(20, 30, 2), AppendUntold(40, 50, 3), GetFound(60, 70, 3)}));
  EXPECT_FALSE(
      Accepts({first, AppendUntold(20, 30, 2), AppendUntold(40, 50, 3), GetFound(60, 70, 2)}));
}

TEST(AppendChainTest, OnlyAppendRegistersAreOnes) {
  EXPECT_TRUE(IsAppendRegister({Append(0, 10, 1, 0), GetMiss(1, 2)}));
  EXPECT_FALSE(IsAppendRegister({GetMiss(1, 2)}));
  EXPECT_FALSE(IsAppendRegister({Append(0, 10, 1, 0), DeleteOk(1, 2)}));
  EXPECT_FALSE(IsAppendRegister({SetOk(0, 10, 1)}));
}

TEST(AppendChainTest, LongHistoriesTakeNoTime) {
  History history;
  for (int64_t i = 1; i <= 100'000; ++i) history.push_back(Append(i * 10, i * 10 + 25, i, i - 1));

  EXPECT_TRUE(Accepts(history));

  history.back().value_read = 1;
  EXPECT_FALSE(Accepts(history));
}

// A few changes and reads at random times that tell random things.
History RandomChain(base::Random* random) {
  History history;
  const auto changes = static_cast<int64_t>(1 + random->Uniform(4));
  for (int64_t value = 1; value <= changes + 2; ++value) {
    const auto invoked_ns = static_cast<int64_t>(random->Uniform(60));
    const int64_t returned_ns = invoked_ns + 1 + static_cast<int64_t>(random->Uniform(40));
    const auto told = static_cast<int64_t>(random->Uniform(static_cast<uint64_t>(changes) + 1));
    if (value > changes) {
      history.push_back(told == 0 ? GetMiss(invoked_ns, returned_ns)
                                  : GetFound(invoked_ns, returned_ns, told));
    } else if (random->OneIn(5)) {
      history.push_back(UnknownAppend(invoked_ns, value));
    } else if (random->OneIn(6)) {
      history.push_back(AppendUntold(invoked_ns, returned_ns, value));
    } else {
      history.push_back(
          Append(invoked_ns, returned_ns, value, random->OneIn(2) ? told : value - 1));
    }
  }
  return history;
}

TEST(AppendChainTest, AgreesWithBruteForce) {
  base::Random random(support::TestSeed());
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    const History history = RandomChain(&random);
    const bool oracle = IsLinearizableByBruteForce(history);
    ASSERT_EQ(Accepts(history), oracle) << Describe(history);
    accepted += oracle;
  }
  EXPECT_GT(accepted, 300);
}

}  // namespace
}  // namespace quorumcache::history
