// SPDX-License-Identifier: Apache-2.0
// What is turned away before the key is looked at, through the replica that asks the gate.
#include "storage_node/replica/gate.h"

#include <utility>
#include <variant>

#include "common/base/limits.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;
using model::ReplicaReply;
using model::ReplicaRequest;
using model::ReplyStatus;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class GateTest : public ReplicaFixture {
 protected:
  // Turned away: said so, marked as not executed, and nothing has changed.
  void ExpectTurnedAway(const ReplicaRequest& request, ReplyStatus status) {
    const size_t written = engine_.ApproximateEntries(engine::Family::kRecords);
    const ReplicaReply reply = Do(request);
    EXPECT_THAT(reply, HasStatus(status));
    EXPECT_TRUE(model::NotExecuted(reply.status));
    EXPECT_FALSE(reply.message.empty());
    EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kRecords), written);
  }
};

TEST_F(GateTest, RequestForAnotherIncarnationIsTurnedAway) {
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "one");
  request.incarnation = kIncarnation + 1;

  ExpectTurnedAway(request, ReplyStatus::kWrongNode);
}

TEST_F(GateTest, PartitionThatIsNotHeldIsTurnedAway) {
  const PartitionAssignment away = {PartitionOfKey("a"), epoch_, 0, /*is_held=*/false};
  ASSERT_TRUE(replica_->Configure({&away, 1}).ok());

  ExpectTurnedAway(AcceptOf("a", BallotAt(10), "one"), ReplyStatus::kWrongNode);
}

TEST_F(GateTest, OldMapDoesNotTakeAwayWhatANewerOneHasGiven) {
  ConfigureAll(5);
  const PartitionAssignment old = {PartitionOfKey("a"), 4, 0, /*is_held=*/false};
  ASSERT_TRUE(replica_->Configure({&old, 1}).ok());
  epoch_ = 5;

  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kOk));
}

TEST_F(GateTest, KeyUnderAWrongPartitionIsInvalid) {
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "one");
  request.partition = (request.partition + 1) % kPartitionCount;

  ExpectTurnedAway(request, ReplyStatus::kInvalid);
}

TEST_F(GateTest, MalformedRequestsAreInvalid) {
  ReplicaRequest request = ReadOf("a");
  request.partition = kPartitionCount;
  ExpectTurnedAway(request, ReplyStatus::kInvalid);
  request = ReadOf("a");
  request.key.bytes = "";
  ExpectTurnedAway(request, ReplyStatus::kInvalid);
  request.key.bytes = std::string(limits::kKeySizeBytesMax + 1, 'k');
  ExpectTurnedAway(request, ReplyStatus::kInvalid);
  request = ReadOf("a");
  request.key.namespace_name = "Not A Namespace";
  ExpectTurnedAway(request, ReplyStatus::kInvalid);
  ExpectTurnedAway(PrepareOf("a", Ballot{}), ReplyStatus::kInvalid);
  ExpectTurnedAway(AcceptOf("a", Ballot{}, "one"), ReplyStatus::kInvalid);
}

TEST_F(GateTest, MalformedRecordsAreInvalid) {
  model::Record record = ValueOf("one");
  record.content_type = std::string(limits::kContentTypeSizeBytesMax + 1, 'c');
  ExpectTurnedAway(AcceptOf("a", BallotAt(10), record), ReplyStatus::kInvalid);

  record = Tombstone();
  record.value = "a tombstone has none";
  ExpectTurnedAway(AcceptOf("a", BallotAt(10), record), ReplyStatus::kInvalid);

  record = ValueOf("one");
  record.lineage = model::Lineage(
      BallotAt(1), std::vector<model::Change>(limits::kLineageChangesMax + 1, model::Change{}));
  ExpectTurnedAway(AcceptOf("a", BallotAt(10), record), ReplyStatus::kInvalid);
}

TEST_F(GateTest, ClockThatIsTooFarAheadIsTurnedAwayWithBothTimes) {
  ReplicaRequest request = ReadOf("a");
  request.hlc = model::HlcFromMillis(kWallMs + limits::kClockSkewMsMaxDefault + 1);

  ExpectTurnedAway(request, ReplyStatus::kClockSkew);
  EXPECT_THAT(Do(request).message,
              AllOf(HasSubstr("1000501"), HasSubstr("1000000"), HasSubstr("500")));
  EXPECT_LT(Do(ReadOf("a")).hlc, request.hlc) << "a refused clock must not be passed on";
}

TEST_F(GateTest, ClockAtTheLimitIsObeyed) {
  ReplicaRequest request = ReadOf("a");
  request.hlc = model::HlcFromMillis(kWallMs + limits::kClockSkewMsMaxDefault);

  EXPECT_THAT(Do(request), HasStatus(ReplyStatus::kOk));
}

TEST_F(GateTest, BallotsOfTheFutureAreTurnedAwayHoweverOldTheRequestClaimsToBe) {
  const Ballot future = BallotAt(kWallMs + 10'000);
  ExpectTurnedAway(PrepareOf("a", future), ReplyStatus::kClockSkew);
  ExpectTurnedAway(AcceptOf("a", future, "one"), ReplyStatus::kClockSkew);
  ReplicaRequest with_next = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(with_next.body).next = future;
  ExpectTurnedAway(with_next, ReplyStatus::kClockSkew);
}

TEST_F(GateTest, LowerEpochIsFencedAndTheMessageNamesBoth) {
  ConfigureAll(7);
  epoch_ = 6;

  ExpectTurnedAway(AcceptOf("a", BallotAt(10), "one"), ReplyStatus::kStaleEpoch);
  EXPECT_THAT(Do(ReadOf("a")).message, AllOf(HasSubstr("7"), HasSubstr("6")));
}

TEST_F(GateTest, HigherEpochIsPersistedBeforeItIsObeyed) {
  epoch_ = 9;
  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kOk));

  engine_.PowerFail(0);
  Restart();

  EXPECT_EQ(replica_->partitions().row(PartitionOfKey("a")).epoch, 9u);
  epoch_ = 8;
  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kStaleEpoch));
}

// Replies leave once the batch is written, and then the epoch is the higher one for all of them.
TEST_F(GateTest, HigherEpochFencesTheWholeBatch) {
  ReplicaRequest old = ReadOf("a");
  ReplicaRequest young = ReadOf("a");
  young.epoch = 2;

  EXPECT_THAT(DoAll({old, young, old}),
              ElementsAre(HasStatus(ReplyStatus::kStaleEpoch), HasStatus(ReplyStatus::kOk),
                          HasStatus(ReplyStatus::kStaleEpoch)));
}

TEST_F(GateTest, EpochThatCannotBePersistedIsNotObeyed) {
  engine_.SetDiskFull(true);
  ReplicaRequest young = ReadOf("a");
  young.epoch = 2;

  const std::vector<ReplicaReply> replies = DoAll({young, ReadOf("a")});

  EXPECT_THAT(replies,
              ElementsAre(HasStatus(ReplyStatus::kDiskFull), HasStatus(ReplyStatus::kDiskFull)));
  EXPECT_EQ(replica_->partitions().row(PartitionOfKey("a")).epoch, 1u);
  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kOk));
}

TEST_F(GateTest, RepairSkipsTheEpochAndNothingElse) {
  ConfigureAll(7);
  Do([&] {
    ReplicaRequest request = PrepareOf("a", BallotAt(20));
    request.epoch = 7;
    return request;
  }());
  ReplicaRequest late = AcceptOf("a", BallotAt(15), "late");
  std::get<model::AcceptRequest>(late.body).repair = true;
  ReplicaRequest newest = AcceptOf("a", BallotAt(30), "newest");
  std::get<model::AcceptRequest>(newest.body).repair = true;

  EXPECT_THAT(Do(late), HasStatus(ReplyStatus::kRefused)) << "promises hold";
  EXPECT_THAT(Do(newest), HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(replica_->partitions().row(PartitionOfKey("a")).epoch, 7u);
}

TEST_F(GateTest, BallotsBelowTheBallotFloorEpochAreDeadButForRepair) {
  ConfigureAll(7, /*ballot_floor_epoch=*/7);
  epoch_ = 7;
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "old");

  EXPECT_THAT(Do(request), HasStatus(ReplyStatus::kRefused));

  std::get<model::AcceptRequest>(request.body).repair = true;
  EXPECT_THAT(Do(request), HasStatus(ReplyStatus::kOk));
  std::get<model::AcceptRequest>(request.body).repair = false;
  EXPECT_THAT(Do(request), HasStatus(ReplyStatus::kOk)) << "a repeat of what is held";
  EXPECT_THAT(Do(AcceptOf("a", Ballot{7, model::HlcFromMillis(5), 1}, "new")),
              HasStatus(ReplyStatus::kOk));
}

}  // namespace
}  // namespace quorumcache::replica
