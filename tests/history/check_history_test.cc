// SPDX-License-Identifier: Apache-2.0
#include "tests/history/check_history.h"

#include <string>
#include <utility>

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/history/durability.h"
#include "tests/history/monotonic_reads.h"
#include "tests/history/test_histories.h"
#include "tests/support/seed.h"

namespace quorumcache::history {
namespace {

ClientOp Of(const char* key, ClientOp op) {
  op.key = key;
  return op;
}

ClientOp By(int32_t process, ClientOp op) {
  op.process = process;
  return op;
}

TEST(CheckHistoryTest, KeysAreJudgedEachByItself) {
  const History history = {Of("a", SetOk(0, 10, 7)), Of("b", GetMiss(20, 30)),
                           Of("a", GetFound(20, 30, 7))};

  const HistoryReport report = CheckHistory(history);

  EXPECT_TRUE(report.ok()) << report.violation;
  EXPECT_EQ(report.keys, 2u);
  EXPECT_EQ(report.operations, 3u);
}

TEST(CheckHistoryTest, TheEvidenceIsTheHistoryOfTheKey) {
  const History history = {Of("a", SetOk(0, 10, 7)), Of("b", SetOk(0, 10, 7)),
                           Of("a", GetMiss(20, 30)), Of("b", GetFound(20, 30, 7))};

  const HistoryReport report = CheckHistory(history);

  EXPECT_FALSE(report.ok());
  ASSERT_EQ(report.evidence.size(), 2u);
  EXPECT_EQ(report.evidence[1].key, "a");
}

TEST(CheckHistoryTest, AnExpiryStaysWithItsKey) {
  ClientOp set = Of("b", SetOk(0, 10, 7));
  set.has_ttl = true;
  const History history = {Of("a", SetOk(0, 10, 8)), set, Of("b", GetMiss(300, 310)),
                           Of("b", ExpiryOf(1, 100, 200))};

  EXPECT_TRUE(CheckHistory(history).ok());
  EXPECT_EQ(ByKey(history).at("b")[2].expires, 0);
}

TEST(CheckHistoryTest, WhatCannotBeSearchedIsCountedNotPassed) {
  History history;
  for (int64_t i = 0; i < 70; ++i) history.push_back(Unknown(SetOk(i, 0, i + 1)));
  for (int64_t i = 0; i < 70; ++i) history.push_back(GetFound(100 + i * 2, 101 + i * 2, i + 1));

  EXPECT_EQ(CheckHistory(history).undecided_keys, 1u);
}

// 10^5 operations of 500 keys with eight clients each: some seconds, even with assertions on.
TEST(CheckHistoryTest, ALongHistoryOfManyKeysIsDecidedAndOneStaleReadInItIsSeen) {
  base::Random random(support::TestSeed());
  History history;
  for (int key = 0; key < 500; ++key) {
    for (ClientOp& op : AtomicHistory(&random, 200, 8)) {
      op.key = std::to_string(key);
      history.push_back(std::move(op));
    }
  }
  const HistoryReport report = CheckHistory(history);
  EXPECT_TRUE(report.ok()) << report.violation << "\n" << Describe(report.evidence);
  EXPECT_EQ(report.operations, 100'000u);
  EXPECT_EQ(report.undecided_keys, 0u);

  // Long after a value was replaced for good, it is read again.
  ClientOp first = Of("7", SetOk(1'000'000'000, 1'000'000'010, 1'000'001));
  ClientOp second = Of("7", SetOk(1'000'000'020, 1'000'000'030, 1'000'002));
  history.push_back(first);
  history.push_back(second);
  history.push_back(Of("7", GetFound(1'000'000'040, 1'000'000'050, 1'000'001)));
  const HistoryReport broken = CheckHistory(history);
  EXPECT_FALSE(broken.ok());
  EXPECT_EQ(broken.evidence.front().key, "7");
}

TEST(NumberProcessesTest, AProcessDoesOneThingAtATimeAndNothingAfterUnknown) {
  History history = {SetOk(0, 10, 1), SetOk(5, 15, 2), SetOk(11, 20, 3), Unknown(SetOk(16, 0, 4)),
                     SetOk(30, 40, 5)};

  NumberProcesses(&history);

  EXPECT_EQ(history[0].process, 0);
  EXPECT_EQ(history[1].process, 1);
  EXPECT_EQ(history[2].process, 0);
  EXPECT_EQ(history[3].process, 1);
  EXPECT_EQ(history[4].process, 0);
}

TEST(MonotonicReadsTest, RejectsAProcessThatSeesAnOlderVersionLater) {
  const History history = {By(1, WithVersion(GetFound(0, 10, 8), 2)),
                           By(1, WithVersion(GetFound(20, 30, 7), 1))};

  EXPECT_NE(CheckMonotonicReads(history), std::nullopt);
}

TEST(MonotonicReadsTest, RejectsAProcessThatDoesNotSeeItsOwnWrite) {
  const History history = {By(1, WithVersion(SetOk(0, 10, 8), 2)),
                           By(1, WithVersion(GetFound(20, 30, 7), 1))};

  EXPECT_NE(CheckMonotonicReads(history), std::nullopt);
}

TEST(MonotonicReadsTest, ProcessesAreJudgedEachByItself) {
  const History history = {By(1, WithVersion(GetFound(0, 30, 8), 2)),
                           By(2, WithVersion(GetFound(20, 40, 7), 1)),
                           By(2, WithVersion(GetFound(50, 60, 8), 2))};

  EXPECT_EQ(CheckMonotonicReads(history), std::nullopt);
}

TEST(DurabilityTest, RejectsAReadThatMissesAnAcknowledgedWrite) {
  EXPECT_NE(CheckDurability({SetOk(0, 10, 7), GetMiss(20, 30)}), std::nullopt);
  EXPECT_NE(CheckDurability({SetOk(0, 10, 7), SetOk(20, 30, 8), GetFound(40, 50, 7)}),
            std::nullopt);
}

TEST(DurabilityTest, AcceptsWhatADeleteOrAnExpiryExplains) {
  EXPECT_EQ(CheckDurability({SetOk(0, 10, 7), Unknown(DeleteOk(5, 0)), GetMiss(20, 30)}),
            std::nullopt);
  ClientOp set = SetOk(0, 10, 7);
  set.has_ttl = true;
  EXPECT_EQ(CheckDurability({set, GetMiss(150, 160), ExpiryOf(0, 100, 200)}), std::nullopt);
  EXPECT_NE(CheckDurability({set, GetMiss(50, 60), ExpiryOf(0, 100, 200)}), std::nullopt);
}

TEST(DurabilityTest, AWriteWhoseTimeWasOverWhenItWasMadeEndsWhatWasThere) {
  ClientOp late = Unknown(SetOk(0, 0, 7));
  late.has_ttl = true;

  EXPECT_EQ(CheckDurability({late, SetOk(300, 310, 8), GetMiss(320, 330), ExpiryOf(0, 100, 200)}),
            std::nullopt);
}

TEST(DurabilityTest, AcceptsConcurrentWritesInEitherOrder) {
  EXPECT_EQ(CheckDurability({SetOk(0, 30, 7), SetOk(20, 50, 8), GetFound(60, 70, 7)}),
            std::nullopt);
  EXPECT_EQ(CheckDurability({Unknown(SetOk(0, 0, 7)), SetOk(20, 50, 8), GetFound(60, 70, 7)}),
            std::nullopt);
}

TEST(DurabilityTest, RejectsALostIncrement) {
  EXPECT_EQ(CheckDurability({IncrementOk(0, 10, 1), IncrementOk(0, 10, 2), GetFound(20, 30, 2)}),
            std::nullopt);
  EXPECT_NE(CheckDurability({IncrementOk(0, 10, 1), IncrementOk(20, 30, 1)}), std::nullopt);
  EXPECT_NE(CheckDurability({IncrementOk(0, 10, 1), GetMiss(20, 30)}), std::nullopt);
}

TEST(DurabilityTest, RejectsAnIncrementCountedTwice) {
  EXPECT_NE(CheckDurability({IncrementOk(0, 10, 1), IncrementOk(20, 30, 3)}), std::nullopt);
  EXPECT_EQ(CheckDurability({Unknown(IncrementOk(0, 0, 0)), IncrementOk(20, 30, 2)}), std::nullopt);
  EXPECT_NE(CheckDurability({Unknown(IncrementOk(0, 0, 0)), IncrementOk(20, 30, 3)}), std::nullopt);
}

}  // namespace
}  // namespace quorumcache::history
