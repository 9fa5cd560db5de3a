// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/make_operation.h"

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/coordinator/quorum/operation_fixture.h"

namespace quorumcache::quorum {
namespace {

using model::ReplyStatus;

class MakeOperationTest : public OperationFixture {};

TEST_F(MakeOperationTest, BlindWritesSkipThePrepare) {
  const auto set = MakeMutation(Context(), {"default", "k"}, Mutation{});

  const Actions actions = set->Start(Now());

  ASSERT_EQ(actions.sends.size(), 3);
  EXPECT_TRUE(std::holds_alternative<AcceptSend>(actions.sends[0].body));
  EXPECT_EQ(set->key().bytes, "k");
}

TEST_F(MakeOperationTest, WhatLooksAtTheRecordPrepares) {
  Mutation conditional, keeping, returning, touching, retried;
  conditional.condition.kind = ConditionKind::kIfAbsent;
  keeping.keep_ttl = true;
  returning.return_previous = true;
  touching.kind = MutationKind::kTouch;
  retried.first = model::Ballot{1, 1, 0};

  for (const Mutation& mutation : {conditional, keeping, returning, touching, retried}) {
    const auto operation = MakeMutation(Context(), {}, mutation);
    const Actions actions = operation->Start(Now());
    ASSERT_EQ(actions.sends.size(), 3);
    EXPECT_TRUE(std::holds_alternative<model::PrepareRequest>(actions.sends[0].body));
  }
}

TEST_F(MakeOperationTest, ReadsAskANearQuorum) {
  const auto read = MakeRead(Context(), {}, absl::InfiniteDuration());

  const Actions actions = read->Start(Now());

  ASSERT_EQ(actions.sends.size(), 2);
  EXPECT_FALSE(std::get<model::ReadRequest>(actions.sends[0].body).digest);
  EXPECT_TRUE(std::get<model::ReadRequest>(actions.sends[1].body).digest);
}

TEST_F(MakeOperationTest, AStaleTopologyGivesBackWhatWasAsked) {
  Mutation mutation;
  mutation.value = "v";
  const auto set = MakeMutation(Context(), {"default", "k"}, mutation);
  ReplyToAll(set.get(), set->Start(Now()), ReplyStatus::kStaleEpoch);

  ASSERT_EQ(set->result().error, OpError::kStaleTopology);
  const Mutation again = set->TakeMutation();
  EXPECT_EQ(again.value, "v");
  EXPECT_TRUE(again.first.IsZero());
  EXPECT_EQ(set->TakeKey().bytes, "k");
}

TEST_F(MakeOperationTest, AStaleTopologyAfterAYesComesBackWithItsIdAndFirst) {
  Mutation mutation;
  mutation.value = "v";
  const auto set = MakeMutation(Context(), {}, mutation);
  const Actions sent = set->Start(Now());
  const model::Ballot ballot = std::get<AcceptSend>(sent.sends[0].body).ballot;
  Reply(set.get(), sent.sends[0], ReplyStatus::kOk);
  Reply(set.get(), sent.sends[1], ReplyStatus::kStaleEpoch);
  const Actions prepares = Reply(set.get(), sent.sends[2], ReplyStatus::kStaleEpoch);
  ReplyToAll(set.get(), prepares, ReplyStatus::kStaleEpoch);

  ASSERT_EQ(set->result().error, OpError::kStaleTopology);
  EXPECT_EQ(set->result().outcome, Outcome::kUnknown);
  const Mutation again = set->TakeMutation();
  EXPECT_EQ(again.value, "v");
  EXPECT_EQ(again.request_id, model::RequestId::FromBallot(ballot));
  EXPECT_EQ(again.first, (model::Ballot{ballot.epoch, ballot.hlc, 0}));
  EXPECT_FALSE(again.IsBlind());
}

TEST_F(MakeOperationTest, AFirstFromTheFutureIsRefused) {
  Mutation mutation;
  mutation.first = model::Ballot{1, model::HlcFromMillis(kWallMs + 10'000), 0};
  mutation.request_id = model::RequestId{1, 1};
  const auto set = MakeMutation(Context(), {}, mutation);

  const Actions actions = set->Start(Now());

  EXPECT_TRUE(actions.finished);
  EXPECT_TRUE(actions.sends.empty());
  EXPECT_EQ(set->result().outcome, Outcome::kUnknown);
  EXPECT_LT(clock_.last(), mutation.first.hlc);
}

TEST_F(MakeOperationTest, SettledOperationsHaveNoTimer) {
  const auto set = MakeMutation(Context(), {}, Mutation{});
  const Actions sent = set->Start(Now());
  EXPECT_EQ(set->wake_at(), deadline_);

  Reply(set.get(), sent.sends[0], ReplyStatus::kOk);
  Reply(set.get(), sent.sends[1], ReplyStatus::kOk);

  EXPECT_TRUE(set->settled());
  EXPECT_EQ(set->wake_at(), base::MonotonicTime::Infinite());
  EXPECT_TRUE(Reply(set.get(), sent.sends[2], ReplyStatus::kOk).sends.empty());
}

}  // namespace
}  // namespace quorumcache::quorum
