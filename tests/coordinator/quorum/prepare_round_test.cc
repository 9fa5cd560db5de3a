// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/prepare_round.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace quorumcache::quorum {
namespace {

using model::Ballot;
using model::Record;
using model::RecordState;
using model::ReplicaReply;

constexpr uint64_t kNowMs = 1'000;
constexpr model::RequestId kId{0, 1};

Ballot At(uint64_t hlc) {
  return hlc == 0 ? Ballot{} : Ballot{1, hlc, 9};
}

ReplicaReply Promise(uint64_t accepted, uint64_t previous = 0, uint64_t floor = 0) {
  ReplicaReply reply;
  reply.status = model::ReplyStatus::kOk;
  reply.accepted = At(accepted);
  reply.previous = At(previous);
  reply.forgotten = At(floor);
  if (accepted == 0) return reply;
  Record record;
  record.state = RecordState::kValue;
  record.value = std::to_string(accepted);
  record.lineage = model::Lineage::Blind(At(accepted), std::nullopt);
  reply.record = record;
  return reply;
}

TEST(PrepareRoundTest, BaseIsTheRecordOfTheHighestBallot) {
  PrepareRound round(kId);
  round.Add(0, Promise(50));
  round.Add(1, Promise(70));
  round.Add(2, Promise(60));

  const Base base = round.TakeBase(kNowMs);

  EXPECT_EQ(base.ballot, At(70));
  EXPECT_EQ(base.record.value, "70");
  EXPECT_FALSE(base.unanimous);
}

TEST(PrepareRoundTest, SameBallotEverywhereIsUnanimous) {
  PrepareRound round(kId);
  round.Add(0, Promise(50));
  round.Add(2, Promise(50));

  EXPECT_TRUE(round.TakeBase(kNowMs).unanimous);
  EXPECT_EQ(round.promised(), Bit(0) | Bit(2));
}

TEST(PrepareRoundTest, NothingAnywhereIsAbsentAndReachesBackToTheFloor) {
  PrepareRound round(kId);
  round.Add(0, Promise(0, 0, 20));
  round.Add(1, Promise(0, 0, 30));

  const Base base = round.TakeBase(kNowMs);

  EXPECT_EQ(base.record.state, RecordState::kAbsent);
  EXPECT_EQ(base.record.lineage.OldestKnown(), At(30));
  EXPECT_TRUE(base.unanimous);
}

TEST(PrepareRoundTest, TombstoneBelowAnyFloorIsForgotten) {
  PrepareRound round(kId);
  ReplicaReply tombstone = Promise(50);
  tombstone.record->state = RecordState::kTombstone;
  round.Add(0, tombstone);
  round.Add(1, Promise(0, 0, 60));

  const Base base = round.TakeBase(kNowMs);

  EXPECT_TRUE(base.ballot.IsZero());
  EXPECT_EQ(base.record.lineage.root(), At(60));
  EXPECT_TRUE(base.unanimous);
  EXPECT_FALSE(base.expired);
}

TEST(PrepareRoundTest, LiveValueBelowTheFloorIsKept) {
  PrepareRound round(kId);
  round.Add(0, Promise(50, 0, 60));
  round.Add(1, Promise(50, 0, 60));

  EXPECT_EQ(round.TakeBase(kNowMs).ballot, At(50));
}

TEST(PrepareRoundTest, ExpiredValueIsKeptAboveTheFloorAndForgottenBelow) {
  ReplicaReply expired = Promise(50);
  expired.record->expire_at_ms = kNowMs;
  PrepareRound above(kId);
  above.Add(0, expired);
  EXPECT_TRUE(above.TakeBase(kNowMs).expired);

  expired.forgotten = At(50);
  PrepareRound below(kId);
  below.Add(0, expired);
  const Base base = below.TakeBase(kNowMs);
  EXPECT_TRUE(base.expired);
  EXPECT_EQ(base.record.state, RecordState::kAbsent);
}

TEST(PrepareRoundTest, RemembersTheHighestClock) {
  PrepareRound round(kId);
  ReplicaReply reply = Promise(0);
  reply.hlc = 77;
  round.Add(0, reply);
  round.Add(1, Promise(0));

  EXPECT_EQ(round.hlc(), 77);
}

// Who attests that ballot 100 never took part.
ReplicaMask AttestersOf100(const ReplicaReply& promise) {
  PrepareRound round(kId);
  round.Add(0, promise);
  return round.NeverTookPart(At(100), {});
}

TEST(AttestationTest, HoldersOfSomethingOlderOrNothingAttest) {
  EXPECT_EQ(AttestersOf100(Promise(0)), Bit(0));
  EXPECT_EQ(AttestersOf100(Promise(99)), Bit(0));
}

TEST(AttestationTest, HoldersOfSomethingNewerAttestOnlyWithAnOlderPrevious) {
  EXPECT_EQ(AttestersOf100(Promise(101, 99)), Bit(0));
  EXPECT_EQ(AttestersOf100(Promise(101, 0)), Bit(0));
  EXPECT_EQ(AttestersOf100(Promise(120, 110)), 0);
}

TEST(AttestationTest, HoldersOfItDoNotAttest) {
  EXPECT_EQ(AttestersOf100(Promise(100, 50)), 0);
}

TEST(AttestationTest, BelowTheFloorNobodyRemembers) {
  EXPECT_EQ(AttestersOf100(Promise(0, 0, 100)), 0);
  EXPECT_EQ(AttestersOf100(Promise(0, 0, 99)), Bit(0));
}

TEST(AttestationTest, ARecordThatComesFromItDoesNotAttest) {
  ReplicaReply promise = Promise(110, 99);
  promise.record->lineage = model::Lineage(At(50), {{kId, At(100), 1}, {{0, 2}, At(110), 1}});

  EXPECT_EQ(AttestersOf100(promise), 0);
}

TEST(AttestationTest, HavingItOrHavingReplacedItIsTakingPart) {
  PrepareRound round(kId);
  round.Add(0, Promise(100, 50));
  round.Add(1, Promise(110, 100));
  round.Add(2, Promise(120, 110));

  EXPECT_EQ(round.TookPart(At(100)), Bit(0) | Bit(1));
}

// Who attests that a change at 100 never took part, holding a record at 200 with this lineage.
ReplicaMask AttestersOfChange100(const model::Lineage& lineage) {
  ReplicaReply promise = Promise(200, 50);
  promise.record->lineage = lineage;
  PrepareRound round(kId);
  round.Add(0, promise);
  return round.NeverTookPart(At(100), {.is_blind = false});
}

// `count` changes, the oldest at `oldest`.
std::vector<model::Change> Changes(uint64_t oldest, uint64_t count) {
  std::vector<model::Change> changes;
  for (uint64_t i = 0; i < count; ++i) {
    changes.push_back(model::Change{model::RequestId{7, i}, At(oldest + i), 1});
  }
  return changes;
}

TEST(AttestationTest, OfAChangeNeedsALineageThatReachesBackToItOrBeganAfterIt) {
  EXPECT_EQ(AttestersOfChange100(model::Lineage(At(200), {})), Bit(0));
  EXPECT_EQ(AttestersOfChange100(model::Lineage(At(150), Changes(160, 8))), Bit(0));
  EXPECT_EQ(AttestersOfChange100(model::Lineage(At(40), Changes(160, 7))), Bit(0));
  EXPECT_EQ(AttestersOfChange100(model::Lineage(At(40), Changes(99, 8))), Bit(0));
  EXPECT_EQ(AttestersOfChange100(model::Lineage(At(40), Changes(101, 8))), 0);
}

TEST(PrepareRoundTest, WhatComesFromABlindWriteDoesNotSayThatItNeverTookPart) {
  // Replica 0 has never held 50, but a change of it, whose list no longer has the id.
  ReplicaReply later = Promise(90, 40);
  later.record->lineage = model::Lineage(At(50), {{model::RequestId{0, 7}, At(90), 1}});
  // Replica 1 has a change of another write.
  ReplicaReply other = Promise(90, 40);
  other.record->lineage = model::Lineage(At(60), {{model::RequestId{0, 7}, At(90), 1}});
  PrepareRound round(kId);
  round.Add(0, later);
  round.Add(1, other);

  EXPECT_EQ(round.NeverTookPart(At(50), {}), Bit(1));
}

}  // namespace
}  // namespace quorumcache::quorum
