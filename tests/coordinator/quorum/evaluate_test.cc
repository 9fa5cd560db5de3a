// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/evaluate.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace quorumcache::quorum {
namespace {

using model::Ballot;
using model::Record;
using model::RecordState;

constexpr uint64_t kNowMs = 1'000;
constexpr Ballot kVersion{1, 50, 9};

Record Value(const std::string& value, uint64_t expire_at_ms = 0) {
  Record record;
  record.state = RecordState::kValue;
  record.value = value;
  record.content_type = "text/plain";
  record.expire_at_ms = expire_at_ms;
  record.lineage = model::Lineage::Blind(kVersion, std::nullopt);
  return record;
}

Mutation Of(MutationKind kind) {
  Mutation mutation;
  mutation.kind = kind;
  mutation.value = "new";
  mutation.content_type = "application/json";
  mutation.expire_at_ms = 9'000;
  return mutation;
}

Mutation SetIf(ConditionKind kind, const Ballot& version = {}) {
  Mutation mutation = Of(MutationKind::kSet);
  mutation.condition = {kind, version};
  return mutation;
}

Mutation Add(int64_t delta, int64_t initial = 0) {
  Mutation mutation = Of(MutationKind::kIncrement);
  mutation.delta = delta;
  mutation.initial = initial;
  return mutation;
}

TEST(EvaluateTest, SetWritesWhatItWasGiven) {
  const Evaluation evaluation = Evaluate(Of(MutationKind::kSet), Value("old"), kNowMs);

  EXPECT_TRUE(evaluation.changed);
  EXPECT_TRUE(evaluation.found);
  EXPECT_EQ(evaluation.record.value, "new");
  EXPECT_EQ(evaluation.record.content_type, "application/json");
  EXPECT_EQ(evaluation.record.expire_at_ms, 9'000);
}

TEST(EvaluateTest, KeepTtlKeepsThatOfALiveValueOnly) {
  Mutation set = Of(MutationKind::kSet);
  set.keep_ttl = true;

  EXPECT_EQ(Evaluate(set, Value("old", 5'000), kNowMs).record.expire_at_ms, 5'000);
  EXPECT_EQ(Evaluate(set, Value("old"), kNowMs).record.expire_at_ms, 0);
  EXPECT_EQ(Evaluate(set, Value("old", 500), kNowMs).record.expire_at_ms, 9'000);
  EXPECT_EQ(Evaluate(set, Record{}, kNowMs).record.expire_at_ms, 9'000);
}

TEST(EvaluateTest, IfAbsentHoldsForNothingTombstonesAndExpired) {
  const Mutation set = SetIf(ConditionKind::kIfAbsent);
  Record tombstone;
  tombstone.state = RecordState::kTombstone;

  EXPECT_TRUE(Evaluate(set, Record{}, kNowMs).changed);
  EXPECT_TRUE(Evaluate(set, tombstone, kNowMs).changed);
  EXPECT_TRUE(Evaluate(set, Value("old", kNowMs), kNowMs).changed);
  EXPECT_EQ(Evaluate(set, Value("old", kNowMs + 1), kNowMs).error, OpError::kKeyExists);
  EXPECT_FALSE(Evaluate(set, Value("old"), kNowMs).changed);
}

TEST(EvaluateTest, IfPresentIsTheOpposite) {
  const Mutation set = SetIf(ConditionKind::kIfPresent);

  EXPECT_TRUE(Evaluate(set, Value("old"), kNowMs).changed);
  EXPECT_EQ(Evaluate(set, Record{}, kNowMs).error, OpError::kKeyNotFound);
  EXPECT_EQ(Evaluate(set, Value("old", 500), kNowMs).error, OpError::kKeyNotFound);
}

TEST(EvaluateTest, IfVersionComparesTheLastChange) {
  EXPECT_TRUE(Evaluate(SetIf(ConditionKind::kIfVersion, kVersion), Value("old"), kNowMs).changed);
  EXPECT_EQ(Evaluate(SetIf(ConditionKind::kIfVersion, {1, 51, 9}), Value("old"), kNowMs).error,
            OpError::kEtagMismatch);
  EXPECT_EQ(Evaluate(SetIf(ConditionKind::kIfVersion, kVersion), Record{}, kNowMs).error,
            OpError::kKeyNotFound);
}

TEST(EvaluateTest, DeleteLeavesATombstoneWhereSomethingWas) {
  const Evaluation of_value = Evaluate(Of(MutationKind::kDelete), Value("old"), kNowMs);
  EXPECT_TRUE(of_value.changed);
  EXPECT_EQ(of_value.record.state, RecordState::kTombstone);
  EXPECT_EQ(of_value.record.value, "");

  EXPECT_FALSE(Evaluate(Of(MutationKind::kDelete), Record{}, kNowMs).changed);
  EXPECT_FALSE(Evaluate(Of(MutationKind::kDelete), Value("old", 500), kNowMs).changed);
}

TEST(EvaluateTest, TouchChangesTheExpiryAndNothingElse) {
  const Evaluation evaluation = Evaluate(Of(MutationKind::kTouch), Value("old", 5'000), kNowMs);

  EXPECT_TRUE(evaluation.changed);
  EXPECT_EQ(evaluation.record.value, "old");
  EXPECT_EQ(evaluation.record.content_type, "text/plain");
  EXPECT_EQ(evaluation.record.expire_at_ms, 9'000);
}

TEST(EvaluateTest, TouchOfNothingIsNotAnError) {
  const Evaluation evaluation = Evaluate(Of(MutationKind::kTouch), Record{}, kNowMs);

  EXPECT_FALSE(evaluation.changed);
  EXPECT_FALSE(evaluation.found);
  EXPECT_EQ(evaluation.error, OpError::kNone);
}

TEST(EvaluateTest, IncrementCountsFromThePresentNumber) {
  EXPECT_EQ(Evaluate(Add(5), Value("37"), kNowMs).record.value, "42");
  EXPECT_EQ(Evaluate(Add(-40), Value("37"), kNowMs).number, -3);
  EXPECT_EQ(Evaluate(Add(1), Value("-9223372036854775808"), kNowMs).number,
            std::numeric_limits<int64_t>::min() + 1);
}

TEST(EvaluateTest, IncrementCountsFromInitialWhereNothingIs) {
  EXPECT_EQ(Evaluate(Add(5, 100), Record{}, kNowMs).number, 105);
  EXPECT_EQ(Evaluate(Add(5, 100), Value("37", 500), kNowMs).number, 105);
}

class NotAnIntegerTest : public testing::TestWithParam<const char*> {};

TEST_P(NotAnIntegerTest, IsRefusedAndChangesNothing) {
  const Evaluation evaluation = Evaluate(Add(1), Value(GetParam()), kNowMs);

  EXPECT_EQ(evaluation.error, OpError::kNotAnInteger);
  EXPECT_FALSE(evaluation.changed);
}

INSTANTIATE_TEST_SUITE_P(Texts, NotAnIntegerTest,
                         testing::Values("", " 1", "1 ", "+1", "1.5", "1e3", "0x10", "ten", "-",
                                         "9223372036854775808"));

TEST(EvaluateTest, IncrementRefusesToOverflow) {
  EXPECT_EQ(Evaluate(Add(1), Value("9223372036854775807"), kNowMs).error, OpError::kOverflow);
  EXPECT_EQ(Evaluate(Add(-1), Value("-9223372036854775808"), kNowMs).error, OpError::kOverflow);
  EXPECT_FALSE(Evaluate(Add(1), Value("9223372036854775807"), kNowMs).changed);
}

TEST(EvaluateTest, NothingChangesNothing) {
  const Evaluation evaluation = Evaluate(Of(MutationKind::kNothing), Value("old"), kNowMs);

  EXPECT_TRUE(evaluation.found);
  EXPECT_FALSE(evaluation.changed);
}

}  // namespace
}  // namespace quorumcache::quorum
