// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/failures.h"

#include "gtest/gtest.h"

namespace quorumcache::quorum {
namespace {

using model::Ballot;
using model::ReplicaReply;
using model::ReplyStatus;

ReplicaReply Reply(ReplyStatus status, const char* message = "") {
  ReplicaReply reply;
  reply.status = status;
  reply.message = message;
  return reply;
}

OpError ErrorOf(std::initializer_list<ReplyStatus> statuses) {
  Failures failures;
  for (ReplyStatus status : statuses) failures.Add(Reply(status));
  return failures.Error();
}

TEST(FailuresTest, SilenceAndBrokenConnectionsAreUnreachable) {
  EXPECT_EQ(ErrorOf({}), OpError::kQuorumUnreachable);
  EXPECT_EQ(ErrorOf({ReplyStatus::kNotSent, ReplyStatus::kLost}), OpError::kQuorumUnreachable);
  EXPECT_EQ(ErrorOf({ReplyStatus::kUnavailable}), OpError::kQuorumUnreachable);
}

TEST(FailuresTest, EachCauseHasItsError) {
  EXPECT_EQ(ErrorOf({ReplyStatus::kStaleEpoch}), OpError::kStaleTopology);
  EXPECT_EQ(ErrorOf({ReplyStatus::kWrongNode}), OpError::kStaleTopology);
  EXPECT_EQ(ErrorOf({ReplyStatus::kDiskFull}), OpError::kDiskFull);
  EXPECT_EQ(ErrorOf({ReplyStatus::kOverloaded}), OpError::kOverloaded);
  EXPECT_EQ(ErrorOf({ReplyStatus::kClockSkew}), OpError::kClockSkew);
  EXPECT_EQ(ErrorOf({ReplyStatus::kCorrupt}), OpError::kCorrupt);
  EXPECT_EQ(ErrorOf({ReplyStatus::kRefused}), OpError::kContention);
}

TEST(FailuresTest, TheMostTellingCauseWins) {
  EXPECT_EQ(ErrorOf({ReplyStatus::kRefused, ReplyStatus::kNotSent, ReplyStatus::kStaleEpoch}),
            OpError::kStaleTopology);
  EXPECT_EQ(ErrorOf({ReplyStatus::kNotSent, ReplyStatus::kOverloaded}), OpError::kOverloaded);
}

TEST(FailuresTest, DetailIsTheFirstFailureInWords) {
  Failures failures;
  EXPECT_EQ(failures.detail(), "");

  failures.Add(Reply(ReplyStatus::kDiskFull, "3 bytes left"));
  failures.Add(Reply(ReplyStatus::kLost));

  EXPECT_EQ(failures.detail(), "disk full: 3 bytes left");
  EXPECT_TRUE(failures.Saw(ReplyStatus::kLost));
  EXPECT_FALSE(failures.Saw(ReplyStatus::kRefused));
}

TEST(FailuresTest, AStatusFromTheFutureIsSurvived) {
  Failures failures;
  failures.Add(Reply(static_cast<ReplyStatus>(200)));

  EXPECT_EQ(failures.detail(), "unknown status");
}

constexpr Ballot kBallot{1, 100, 7};

ReplicaReply Refusal(uint64_t accepted, uint64_t previous) {
  ReplicaReply reply = Reply(ReplyStatus::kRefused);
  reply.accepted = Ballot{accepted == 0 ? 0u : 1u, accepted, accepted == 0 ? 0u : 9u};
  reply.previous = Ballot{previous == 0 ? 0u : 1u, previous, previous == 0 ? 0u : 9u};
  return reply;
}

TEST(NeverAcceptedTest, ARefusalBelowTheBallotIsProof) {
  EXPECT_TRUE(NeverAccepted(Refusal(0, 0), kBallot));
  EXPECT_TRUE(NeverAccepted(Refusal(90, 80), kBallot));
}

TEST(NeverAcceptedTest, ARefusalAboveIsProofOnlyWithWhatItReplaced) {
  EXPECT_TRUE(NeverAccepted(Refusal(110, 90), kBallot));
  EXPECT_TRUE(NeverAccepted(Refusal(110, 0), kBallot));
  EXPECT_FALSE(NeverAccepted(Refusal(120, 110), kBallot));
}

TEST(NeverAcceptedTest, HoldingOrHavingReplacedItIsTheOpposite) {
  ReplicaReply holds = Refusal(110, 90);
  holds.accepted = kBallot;
  ReplicaReply replaced = Refusal(110, 90);
  replaced.previous = kBallot;

  EXPECT_FALSE(NeverAccepted(holds, kBallot));
  EXPECT_FALSE(NeverAccepted(replaced, kBallot));
}

TEST(NeverAcceptedTest, WhatWasNotExecutedIsProofWhatWasLostIsNot) {
  EXPECT_TRUE(NeverAccepted(Reply(ReplyStatus::kOverloaded), kBallot));
  EXPECT_TRUE(NeverAccepted(Reply(ReplyStatus::kNotSent), kBallot));
  EXPECT_FALSE(NeverAccepted(Reply(ReplyStatus::kLost), kBallot));
  EXPECT_FALSE(NeverAccepted(Reply(ReplyStatus::kUnspecified), kBallot));
}

}  // namespace
}  // namespace quorumcache::quorum
