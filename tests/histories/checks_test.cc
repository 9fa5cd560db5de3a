// SPDX-License-Identifier: Apache-2.0
// Whatever a workload promises, a history that breaks it is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/histories/key_sequence.h"
#include "tests/histories/lock_hold.h"
#include "tests/histories/nemesis.h"
#include "tests/histories/verdict.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

using history::ClientOp;
using history::ClientOpKind;
using history::ClientOutcome;
using history::History;
using testing::HasSubstr;

// Operations one after another, none overlaps.
ClientOp Op(ClientOpKind kind, int64_t value, ClientOutcome outcome = ClientOutcome::kOk) {
  static int64_t now_ns = 0;
  ClientOp op;
  op.key = "key-0";
  op.kind = kind;
  op.value = value;
  op.outcome = outcome;
  op.invoked_ns = ++now_ns;
  op.returned_ns = outcome == ClientOutcome::kUnknown ? history::kNever : ++now_ns;
  return op;
}

Done LastRead(const std::string& value) {
  Done done;
  done.op = Op(ClientOpKind::kGet, 0);
  done.op.found = !value.empty();
  done.op.value_read = NumberOf(value);
  done.value = value;
  return done;
}

TEST(CounterCheckTest, CountMustLieBetweenAcknowledgedAndUnknown) {
  const auto counters = MakeCounters();
  const History history = {Op(ClientOpKind::kIncrement, 1), Op(ClientOpKind::kIncrement, 1),
                           Op(ClientOpKind::kIncrement, 1, ClientOutcome::kUnknown),
                           Op(ClientOpKind::kIncrement, 1, ClientOutcome::kNotApplied)};

  EXPECT_EQ(counters->Check(history, LastRead("2")), "");
  EXPECT_EQ(counters->Check(history, LastRead("3")), "");
  EXPECT_THAT(counters->Check(history, LastRead("1")), HasSubstr("increments lost"));
  EXPECT_THAT(counters->Check(history, LastRead("4")), HasSubstr("increments doubled"));
}

TEST(SetCheckTest, EveryAcknowledgedElementMustBeThere) {
  const auto sets = MakeSets();
  const History history = {Op(ClientOpKind::kSet, 7), Op(ClientOpKind::kSet, 8),
                           Op(ClientOpKind::kSet, 9, ClientOutcome::kUnknown)};

  EXPECT_EQ(sets->Check(history, LastRead("8 7 ")), "");
  EXPECT_EQ(sets->Check(history, LastRead("9 8 7 ")), "");
  EXPECT_THAT(sets->Check(history, LastRead("8 ")), HasSubstr("element 7 is lost"));
  EXPECT_THAT(sets->Check(history, LastRead("")), HasSubstr("is lost"));
}

TEST(AppendCheckTest, NoValueMayBeReplacedTwice) {
  const auto appends = MakeAppendRegisters();
  ClientOp first = Op(ClientOpKind::kSet, 1);
  first.return_previous = first.previous_known = true;
  ClientOp second = Op(ClientOpKind::kSet, 2);
  second.return_previous = second.previous_known = second.has_previous = true;
  second.value_read = 1;
  ClientOp third = second;
  third.value = 3;

  EXPECT_EQ(appends->Check({first, second}, LastRead("2")), "");
  EXPECT_THAT(appends->Check({first, second, third}, LastRead("3")), HasSubstr("replaced twice"));
  third.previous_known = false;
  EXPECT_EQ(appends->Check({first, second, third}, LastRead("3")), "");
}

LockHold Hold(int64_t invoked_ns, int64_t returned_ns, int64_t until_ns, uint64_t token) {
  return {invoked_ns, returned_ns, until_ns, {.epoch = 1, .hlc = token}};
}

TEST(LockCheckTest, OneHolderAtATimeWithGrowingTokens) {
  EXPECT_EQ(CheckLockHolds({}), "");
  EXPECT_EQ(CheckLockHolds({Hold(21, 30, 40, 2), Hold(1, 10, 20, 1)}), "");
  // Asked for while it was held, told after it had been released.
  EXPECT_EQ(CheckLockHolds({Hold(1, 10, 20, 1), Hold(12, 30, 40, 2)}), "");
}

TEST(LockCheckTest, TwoHoldersAtOnceAreRefused) {
  EXPECT_THAT(CheckLockHolds({Hold(1, 10, 20, 1), Hold(12, 19, 40, 2)}), HasSubstr("held twice"));
  // Not only neighbours.
  EXPECT_THAT(CheckLockHolds({Hold(1, 10, 50, 1), Hold(2, 60, 65, 2), Hold(3, 49, 55, 3)}),
              HasSubstr("held twice"));
}

TEST(LockCheckTest, LockThatWasOverWhenItsAnswerCameWasNotHeld) {
  EXPECT_EQ(CheckLockHolds({Hold(1, 30, 20, 1), Hold(22, 25, 40, 2)}), "");
}

TEST(LockCheckTest, TokenThatDoesNotGrowIsRefused) {
  EXPECT_THAT(CheckLockHolds({Hold(1, 10, 20, 2), Hold(21, 30, 40, 2)}),
              HasSubstr("tokens do not grow"));
  EXPECT_THAT(CheckLockHolds({Hold(1, 10, 20, 2), Hold(21, 30, 40, 1)}),
              HasSubstr("tokens do not grow"));
}

// A run of one workload whose only key has this history.
RunReport Judged(std::unique_ptr<Workload> workload, History history, const Done& last) {
  const std::string key = workload->Keys().front();
  for (ClientOp& op : history) op.key = key;
  std::vector<std::unique_ptr<Workload>> workloads;
  workloads.push_back(std::move(workload));
  RunReport report;
  report.history = std::move(history);
  CheckRun(workloads, {{key, last}}, &report);
  return report;
}

TEST(VerdictTest, LostWriteIsCountedAndItsHistoryKept) {
  const Done last = LastRead("1");
  const History history = {Op(ClientOpKind::kSet, 1), Op(ClientOpKind::kSet, 2), LastRead("1").op};

  const RunReport report = Judged(MakeRegisters(), history, last);

  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.keys, 1u);
  EXPECT_EQ(report.lost, 1u);
  EXPECT_EQ(report.evidence.size(), 3u);
}

TEST(VerdictTest, DoubledIncrementIsCounted) {
  ClientOp increment = Op(ClientOpKind::kIncrement, 1);
  increment.value_read = 1;
  const Done last = LastRead("2");

  const RunReport report = Judged(MakeCounters(), {increment, last.op}, last);

  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.doubled, 1u);
  EXPECT_EQ(report.lost, 0u);
}

TEST(VerdictTest, KeyThatCannotBeReadAfterHealingIsAViolation) {
  Done unread;
  unread.op.outcome = ClientOutcome::kNotApplied;

  EXPECT_FALSE(Judged(MakeRegisters(), {Op(ClientOpKind::kSet, 1)}, unread).ok());
}

TEST(VerdictTest, ExpiredLockMayBeTakenAgainButNotBefore) {
  constexpr int64_t kMsNs = 1'000'000;
  const auto take = [&](int64_t value, int64_t at_ms) {
    ClientOp op = Op(ClientOpKind::kSet, value);
    op.condition = history::ClientCondition::kIfAbsent;
    op.has_ttl = true;
    op.invoked_ns = at_ms * kMsNs;
    op.returned_ns = op.invoked_ns + kMsNs;
    return op;
  };
  Done last = LastRead("");
  last.op.invoked_ns = 5'000 * kMsNs;
  last.op.returned_ns = last.op.invoked_ns + kMsNs;

  EXPECT_TRUE(Judged(MakeLocks(), {take(1, 1'000), take(2, 1'300), last.op}, last).ok());
  EXPECT_FALSE(Judged(MakeLocks(), {take(1, 1'000), take(2, 1'200), last.op}, last).ok());
}

TEST(KeySequenceTest, NextKeyIsBegunAfterEnoughOperationsOrUnknowns) {
  KeySequence keys("k", /*operations_max=*/2, /*unknown_max=*/1);
  EXPECT_EQ(keys.Take(), "k-0");
  EXPECT_TRUE(keys.TakeAgain("k-0"));
  EXPECT_FALSE(keys.TakeAgain("k-0"));
  EXPECT_EQ(keys.Take(), "k-1");
  keys.CountUnknown("k-0");
  EXPECT_TRUE(keys.TakeAgain("k-1"));
  EXPECT_EQ(keys.Take(), "k-2");
  keys.CountUnknown("k-2");
  EXPECT_EQ(keys.Take(), "k-3");
  EXPECT_THAT(keys.All(), testing::ElementsAre("k-0", "k-1", "k-2", "k-3"));
}

TEST(NemesisTest, PlanHasEveryKindAndComesFromItsSeed) {
  const std::vector<Fault> plan = PlanFaults(1, absl::Seconds(5), AllFaultKinds());
  std::set<FaultKind> kinds;
  for (int i = 0; i < kFaultKinds; ++i) kinds.insert(plan.at(i).kind);
  EXPECT_EQ(kinds.size(), static_cast<size_t>(kFaultKinds));

  const auto texts = [](const std::vector<Fault>& faults) {
    std::string all;
    for (const Fault& fault : faults) absl::StrAppend(&all, Describe(fault), "\n");
    return all;
  };
  EXPECT_EQ(texts(plan), texts(PlanFaults(1, absl::Seconds(5), AllFaultKinds())));
  EXPECT_NE(texts(plan), texts(PlanFaults(2, absl::Seconds(5), AllFaultKinds())));
}

}  // namespace
}  // namespace quorumcache::histories
