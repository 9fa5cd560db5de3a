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

TEST_F(MakeOperationTest, AnOperationThatWasNotSentAwaitsNobody) {
  const auto get = MakeRead(Context(), {}, absl::Milliseconds(1));
  const auto set = MakeMutation(Context(), {}, Mutation{});
  Mutation touch;
  touch.kind = MutationKind::kTouch;
  const auto conditional = MakeMutation(Context(), {}, touch);

  for (const Operation* operation : {get.get(), set.get(), conditional.get()}) {
    EXPECT_EQ(operation->rounds(), 0u);
    EXPECT_EQ(operation->awaited(), 0);
  }
}

TEST_F(MakeOperationTest, ABlindWriteAwaitsWhoHasNotSaidYesOrNo) {
  Mutation mutation;
  mutation.request_id = model::RequestId{1, 2};
  const auto set = MakeMutation(Context(), {}, mutation);
  const Actions sent = set->Start(Now());
  EXPECT_EQ(set->awaited(), 0b111);

  Reply(set.get(), sent.sends[0], ReplyStatus::kOk);
  Reply(set.get(), sent.sends[2], ReplyStatus::kOk);

  EXPECT_TRUE(set->settled());
  EXPECT_EQ(set->rounds(), 1u);
  EXPECT_EQ(set->awaited(), 0b010);
  EXPECT_EQ(set->request_id(), mutation.request_id);
}

TEST_F(MakeOperationTest, ABlindWriteThatFallsBackCountsItsRoundsOn) {
  Mutation mutation;
  mutation.request_id = model::RequestId{1, 2};
  const auto set = MakeMutation(Context(), {}, mutation);
  const Actions sent = set->Start(Now());

  Reply(set.get(), sent.sends[0], ReplyStatus::kRefused);
  const Actions prepares = Reply(set.get(), sent.sends[1], ReplyStatus::kRefused);
  ASSERT_EQ(prepares.sends.size(), 3u);
  Reply(set.get(), prepares.sends[2], ReplyStatus::kLost);

  EXPECT_EQ(set->rounds(), 2u);
  EXPECT_EQ(set->awaited(), 0b111) << "the third one could not be reached";
  EXPECT_EQ(set->request_id(), mutation.request_id);
}

TEST_F(MakeOperationTest, AReadAwaitsOnlyThoseItAsked) {
  const auto get = MakeRead(Context(), {}, absl::Milliseconds(1));
  const Actions sent = get->Start(Now());
  EXPECT_EQ(get->awaited(), 0b011);
  EXPECT_EQ(get->request_id(), std::nullopt);

  Reply(get.get(), sent.sends[0], ReplyStatus::kOk);
  EXPECT_EQ(get->awaited(), 0b010);
  base::Now late = Now();
  late.monotonic = late.monotonic + absl::Milliseconds(2);
  ASSERT_EQ(get->OnTimer(late).sends.size(), 1u);

  EXPECT_EQ(get->awaited(), 0b110);
  EXPECT_EQ(get->rounds(), 1u);
}

TEST_F(MakeOperationTest, AReadAwaitsWhoeverIsToTakeTheNewestRecord) {
  const auto get = MakeRead(Context(), {}, absl::Milliseconds(1));
  const Actions sent = get->Start(Now());
  model::ReplicaReply newest;
  newest.status = ReplyStatus::kOk;
  newest.accepted = model::Ballot{1, model::HlcFromMillis(kWallMs) - 1, 9};
  newest.state = model::RecordState::kValue;
  newest.record.emplace();
  newest.record->state = model::RecordState::kValue;
  newest.record->lineage = model::Lineage::Blind(newest.accepted, std::nullopt);

  (void)get->OnReply(sent.sends[0].replica, sent.sends[0].round, newest, Now());
  const Actions repair = Reply(get.get(), sent.sends[1], ReplyStatus::kOk);

  ASSERT_FALSE(repair.sends.empty());
  EXPECT_EQ(get->rounds(), 2u);
  EXPECT_EQ(get->awaited(), 0b110) << "the second one its write, the third one its first answer";
}

TEST_F(MakeOperationTest, WhoCannotBeReachedIsAwaitedAndWhoSaysNoIsNot) {
  const auto get = MakeRead(Context(), {}, absl::Milliseconds(1));
  const Actions sent = get->Start(Now());
  Reply(get.get(), sent.sends[0], ReplyStatus::kNotSent);
  Reply(get.get(), sent.sends[1], ReplyStatus::kOverloaded);
  EXPECT_TRUE(get->settled());
  EXPECT_EQ(get->awaited(), 0b101) << "the third one was asked in their stead";

  const auto set = MakeMutation(Context(), {}, Mutation{});
  const Actions accepts = set->Start(Now());
  Reply(set.get(), accepts.sends[0], ReplyStatus::kLost);
  Reply(set.get(), accepts.sends[1], ReplyStatus::kOverloaded);
  EXPECT_EQ(set->awaited(), 0b101);
}

}  // namespace
}  // namespace quorumcache::quorum
