// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/replica.h"

#include <optional>
#include <variant>

#include "storage_node/engine/record_codec.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;
using model::RecordState;
using model::ReplicaReply;
using model::ReplicaRequest;
using model::ReplyStatus;
using testing::ElementsAre;
using testing::HasSubstr;

ReplicaRequest WithNext(ReplicaRequest request, const Ballot& next) {
  std::get<model::AcceptRequest>(request.body).next = next;
  return request;
}

// Without a cache every answer comes from the engine; with one, from memory: the answers must be
// the same.
class ReplicaTest : public ReplicaFixture, public testing::WithParamInterface<size_t> {
 protected:
  ReplicaTest() {
    options_.cache_bytes_max = GetParam();
    Restart();
  }
};

INSTANTIATE_TEST_SUITE_P(Cache, ReplicaTest, testing::Values(0, 1 << 20),
                         [](const auto& info) { return info.param == 0 ? "Off" : "On"; });

TEST_P(ReplicaTest, UnknownKeyReadsAsAbsent) {
  const ReplicaReply reply = Do(ReadOf("a"));

  EXPECT_THAT(reply, HasStatus(ReplyStatus::kOk));
  EXPECT_TRUE(reply.accepted.IsZero());
  EXPECT_TRUE(reply.promised.IsZero());
  EXPECT_EQ(reply.state, RecordState::kAbsent);
  ASSERT_TRUE(reply.record.has_value());
  EXPECT_EQ(*reply.record, model::Record());
}

TEST_P(ReplicaTest, AcceptedRecordIsReadBack) {
  model::Record record = ValueOf("value");
  record.content_type = "text/plain";
  record.expire_at_ms = 12345;
  record.lineage = model::Lineage::Blind(BallotAt(10), model::RequestId{1, 2});

  const ReplicaReply accepted = Do(AcceptOf("a", BallotAt(10), record));
  const ReplicaReply read = Do(ReadOf("a"));

  EXPECT_THAT(accepted, HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(accepted.accepted, BallotAt(10));
  EXPECT_EQ(accepted.promised, BallotAt(10));
  EXPECT_TRUE(accepted.previous.IsZero());
  EXPECT_EQ(read.accepted, BallotAt(10));
  EXPECT_EQ(read.state, RecordState::kValue);
  EXPECT_EQ(read.expire_at_ms, 12345u);
  EXPECT_EQ(read.record, record);
}

TEST_P(ReplicaTest, DigestHasNoRecord) {
  Do(AcceptOf("a", BallotAt(10), "value"));

  const ReplicaReply reply = Do(ReadOf("a", /*digest=*/true));

  EXPECT_EQ(reply.accepted, BallotAt(10));
  EXPECT_EQ(reply.state, RecordState::kValue);
  EXPECT_FALSE(reply.record.has_value());
}

TEST_P(ReplicaTest, AcceptSaysWhatItReplaced) {
  model::Record first = ValueOf("one");
  first.expire_at_ms = 777;
  Do(AcceptOf("a", BallotAt(10), first));

  const ReplicaReply reply = Do(AcceptOf("a", BallotAt(20), Tombstone()));

  EXPECT_EQ(reply.state, RecordState::kValue);
  EXPECT_EQ(reply.expire_at_ms, 777u);
  EXPECT_EQ(reply.previous, BallotAt(10));
  EXPECT_EQ(reply.accepted, BallotAt(20));
}

TEST_P(ReplicaTest, RepeatedAcceptSaysYesAndReportsNoReplacement) {
  Do(AcceptOf("a", BallotAt(10), "one"));

  const ReplicaReply reply = Do(AcceptOf("a", BallotAt(10), "one"));

  EXPECT_THAT(reply, HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(reply.state, RecordState::kAbsent);
  EXPECT_TRUE(reply.previous.IsZero());
}

TEST_P(ReplicaTest, OlderAcceptIsRefusedAndSaysWhatStandsAgainstIt) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  Do(AcceptOf("a", BallotAt(20), "two"));

  const ReplicaReply reply = Do(AcceptOf("a", BallotAt(15), "late"));

  EXPECT_THAT(reply, HasStatus(ReplyStatus::kRefused));
  EXPECT_EQ(reply.accepted, BallotAt(20));
  EXPECT_EQ(reply.promised, BallotAt(20));
  EXPECT_EQ(reply.previous, BallotAt(10));
  EXPECT_EQ(Do(ReadOf("a")).record->value, "two");
}

TEST_P(ReplicaTest, PromiseAnswersWithTheRecordAndHoldsLowerBallotsOff) {
  Do(AcceptOf("a", BallotAt(10), "one"));

  const ReplicaReply promised = Do(PrepareOf("a", BallotAt(20)));
  const ReplicaReply lower_prepare = Do(PrepareOf("a", BallotAt(20)));
  const ReplicaReply lower_accept = Do(AcceptOf("a", BallotAt(15), "late"));
  const ReplicaReply same_accept = Do(AcceptOf("a", BallotAt(20), "two"));

  EXPECT_THAT(promised, HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(promised.accepted, BallotAt(10));
  EXPECT_EQ(promised.promised, BallotAt(20));
  EXPECT_EQ(promised.record->value, "one");
  EXPECT_THAT(lower_prepare, HasStatus(ReplyStatus::kRefused));
  EXPECT_FALSE(lower_prepare.record.has_value());
  EXPECT_THAT(lower_accept, HasStatus(ReplyStatus::kRefused));
  EXPECT_EQ(lower_accept.promised, BallotAt(20));
  EXPECT_THAT(same_accept, HasStatus(ReplyStatus::kOk));
}

TEST_P(ReplicaTest, PromiseForAnAbsentKeyHoldsAcrossARestart) {
  Do(PrepareOf("a", BallotAt(20)));

  Restart();

  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(20));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(19), "late")), HasStatus(ReplyStatus::kRefused));
}

TEST_P(ReplicaTest, PromiseIsStoredOnlyWhileItIsAboveTheAcceptedBallot) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);

  Do(PrepareOf("a", BallotAt(20)));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 1u);

  Do(AcceptOf("a", BallotAt(20), "two"));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);
}

TEST_P(ReplicaTest, NextIsPromisedWithTheAccept) {
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(request.body).next = BallotAt(30);

  EXPECT_EQ(Do(request).promised, BallotAt(30));

  Restart();
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(29), "late")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(30), "two")), HasStatus(ReplyStatus::kOk));
}

TEST_P(ReplicaTest, NextIsPartOfTheRecordsRow) {
  Do(PrepareOf("a", BallotAt(10)));
  ASSERT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 1u);

  Do(WithNext(AcceptOf("a", BallotAt(10), "one"), BallotAt(30)));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);
  Do(WithNext(AcceptOf("a", BallotAt(30), "two"), BallotAt(40)));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);

  Restart();
  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(40));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(39), "late")), HasStatus(ReplyStatus::kRefused));
}

TEST_P(ReplicaTest, HigherOfTwoStoredPromisesCounts) {
  Do(WithNext(AcceptOf("a", BallotAt(10), "one"), BallotAt(30)));
  Do(PrepareOf("a", BallotAt(50)));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 1u);

  Restart();
  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(50));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(40), "late")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(60), "two")), HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);

  Restart();
  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(60));
}

TEST_P(ReplicaTest, PromiseRowOfAnEarlierReleaseHoldsAndGoesWithTheNextRecord) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  std::string promise;
  engine::EncodePromise(EngineKeyOf("a"), BallotAt(30), &promise);
  engine::WriteBatch batch;
  batch.Put(engine::Family::kPromises, EngineKeyOf("a"), promise);
  ASSERT_TRUE(engine_.Write(batch, /*fsync=*/true).ok());

  Restart();
  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(30));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(29), "late")), HasStatus(ReplyStatus::kRefused));
  Do(WithNext(AcceptOf("a", BallotAt(30), "two"), BallotAt(40)));
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);

  Restart();
  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(40));
}

TEST_P(ReplicaTest, PromiseOfARecordThatCouldNotBeWrittenIsNotMade) {
  Do(WithNext(AcceptOf("a", BallotAt(10), "one"), BallotAt(20)));
  engine_.SetDiskFull(true);

  EXPECT_THAT(Do(WithNext(AcceptOf("a", BallotAt(20), "two"), BallotAt(90))),
              HasStatus(ReplyStatus::kDiskFull));

  engine_.SetDiskFull(false);
  EXPECT_EQ(Do(ReadOf("a")).promised, BallotAt(20));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(30), "three")), HasStatus(ReplyStatus::kOk));
}

TEST_P(ReplicaTest, RequestsForOneKeyInOneBatchSeeEachOtherInOrder) {
  const std::vector<ReplicaReply> replies = DoAll({
      ReadOf("a"),
      AcceptOf("a", BallotAt(10), "one"),
      ReadOf("a"),
      PrepareOf("a", BallotAt(20)),
      AcceptOf("a", BallotAt(15), "late"),
      AcceptOf("a", BallotAt(20), "two"),
      ReadOf("a"),
  });

  EXPECT_EQ(replies[0].state, RecordState::kAbsent);
  EXPECT_THAT(replies[1], HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(replies[2].record->value, "one");
  EXPECT_EQ(replies[3].record->value, "one");
  EXPECT_THAT(replies[4], HasStatus(ReplyStatus::kRefused));
  EXPECT_EQ(replies[5].previous, BallotAt(10));
  EXPECT_EQ(replies[6].record->value, "two");
  EXPECT_EQ(replies[6].previous, BallotAt(10));
}

TEST_P(ReplicaTest, WholeStateOfABatchIsThereAfterARestart) {
  DoAll({AcceptOf("a", BallotAt(10), "one"), AcceptOf("a", BallotAt(20), "two"),
         PrepareOf("a", BallotAt(30)), AcceptOf("b", BallotAt(11), "other")});

  Restart();
  const ReplicaReply a = Do(ReadOf("a"));

  EXPECT_EQ(a.accepted, BallotAt(20));
  EXPECT_EQ(a.previous, BallotAt(10));
  EXPECT_EQ(a.promised, BallotAt(30));
  EXPECT_EQ(a.record->value, "two");
  EXPECT_EQ(Do(ReadOf("b")).record->value, "other");
}

TEST_P(ReplicaTest, KeysOfDifferentNamespacesAreDifferent) {
  Do(AcceptOf("a", BallotAt(10), "one"));

  ReplicaRequest request = ReadOf("a");
  request.key.namespace_name = "other";
  request.partition = hash::PartitionOf(hash::TokenOf("other", "a"), kPartitionCount);

  EXPECT_EQ(Do(request).state, RecordState::kAbsent);
}

TEST_P(ReplicaTest, EveryReplyCarriesTheHighestHlcSeen) {
  ReplicaRequest first = ReadOf("a");
  first.hlc = model::HlcFromMillis(kWallMs) + 7;
  ReplicaRequest second = ReadOf("b");
  second.hlc = model::HlcFromMillis(kWallMs - 100);

  Do(first);

  EXPECT_EQ(Do(second).hlc, model::HlcFromMillis(kWallMs) + 7);
}

TEST_P(ReplicaTest, ReportedHlcNeverGoesBackAcrossARestart) {
  ReplicaRequest request = ReadOf("a");
  request.hlc = model::HlcFromMillis(kWallMs);
  const uint64_t before = Do(request).hlc;

  Restart();

  EXPECT_GE(Do(ReadOf("a")).hlc, before);
}

TEST_P(ReplicaTest, CorruptRecordIsAnErrorForItsKeyOnly) {
  DoAll({AcceptOf("a", BallotAt(10), "one"), AcceptOf("b", BallotAt(10), "two")});
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kRecords, EngineKeyOf("a"), 9));
  Restart();

  const std::vector<ReplicaReply> replies = DoAll(
      {ReadOf("a"), PrepareOf("a", BallotAt(20)), AcceptOf("a", BallotAt(30), "new"), ReadOf("b")});

  EXPECT_THAT(replies,
              ElementsAre(HasStatus(ReplyStatus::kCorrupt), HasStatus(ReplyStatus::kCorrupt),
                          HasStatus(ReplyStatus::kCorrupt), HasStatus(ReplyStatus::kOk)));
  EXPECT_THAT(replies[0].message, HasSubstr("checksum"));
  EXPECT_EQ(replies[3].record->value, "two");
  EXPECT_EQ(replica_->counters().corrupt, 3u);
}

TEST_P(ReplicaTest, CorruptPromiseIsAnErrorToo) {
  Do(PrepareOf("a", BallotAt(20)));
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kPromises, EngineKeyOf("a"), 6));
  Restart();

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(30), "new")), HasStatus(ReplyStatus::kCorrupt));
}

TEST_P(ReplicaTest, FullDiskAnswersWritersAndChangesNothing) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  engine_.SetDiskFull(true);

  const std::vector<ReplicaReply> replies =
      DoAll({ReadOf("a"), AcceptOf("a", BallotAt(20), "two"), ReadOf("a"), ReadOf("b"),
             PrepareOf("c", BallotAt(20))});

  EXPECT_THAT(replies, ElementsAre(HasStatus(ReplyStatus::kOk), HasStatus(ReplyStatus::kDiskFull),
                                   HasStatus(ReplyStatus::kDiskFull), HasStatus(ReplyStatus::kOk),
                                   HasStatus(ReplyStatus::kDiskFull)));
  EXPECT_EQ(replies[0].record->value, "one");
  EXPECT_FALSE(replies[2].record.has_value());
  EXPECT_EQ(engine::CauseOf(replica_->Health()), engine::Cause::kDiskFull);

  engine_.SetDiskFull(false);
  EXPECT_EQ(Do(ReadOf("a")).record->value, "one");
  EXPECT_TRUE(Do(ReadOf("c")).promised.IsZero());
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(20), "two")), HasStatus(ReplyStatus::kOk));
  EXPECT_TRUE(replica_->Health().ok());
}

TEST_P(ReplicaTest, ReadsGoOnWhileTheDiskIsFullAlsoWhenTheClockAdvances) {
  engine_.SetDiskFull(true);
  ReplicaRequest request = ReadOf("a");
  request.hlc = model::HlcFromMillis(kWallMs);

  EXPECT_THAT(Do(request), HasStatus(ReplyStatus::kOk));
}

TEST_P(ReplicaTest, FailedFsyncLeavesTheOutcomeOpenAndFencesTheReplica) {
  engine_.FailNextFsync();
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(request.body).fsync = true;

  const std::vector<ReplicaReply> replies = DoAll({request, ReadOf("b")});

  EXPECT_THAT(replies, ElementsAre(HasStatus(ReplyStatus::kLost), HasStatus(ReplyStatus::kOk)));
  EXPECT_FALSE(model::NotExecuted(replies[0].status));
  EXPECT_THAT(Do(ReadOf("b")), HasStatus(ReplyStatus::kUnavailable));
  EXPECT_EQ(engine::CauseOf(replica_->Health()), engine::Cause::kIo);
  EXPECT_FALSE(replica_->Configure({}).ok());
}

TEST_P(ReplicaTest, FsyncIsDoneOncePerBatchThatAsksForIt) {
  ReplicaRequest durable = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(durable.body).fsync = true;

  Do(AcceptOf("b", BallotAt(10), "two"));
  EXPECT_GT(engine_.unsynced_count(), 0u);
  DoAll({durable, AcceptOf("c", BallotAt(10), "three")});

  EXPECT_EQ(engine_.unsynced_count(), 0u);
}

TEST_P(ReplicaTest, RepeatWithFsyncSyncsWhatWasAcceptedWithout) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  ReplicaRequest durable = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(durable.body).fsync = true;

  EXPECT_THAT(Do(durable), HasStatus(ReplyStatus::kOk));

  engine_.PowerFail(0);
  Restart();
  EXPECT_EQ(Do(ReadOf("a")).record->value, "one");
}

TEST_P(ReplicaTest, CountsFollowEveryChange) {
  DoAll({AcceptOf("a", BallotAt(10), "one"), AcceptOf("b", BallotAt(10), "two"),
         AcceptOf("c", BallotAt(10), "three"), PrepareOf("d", BallotAt(10))});
  Do(AcceptOf("b", BallotAt(20), Tombstone()));

  const EntryCounts counts = replica_->counts();

  EXPECT_EQ(counts.values, 2);
  EXPECT_EQ(counts.tombstones, 1);
  EXPECT_EQ(counts.bytes,
            static_cast<int64_t>(engine_.ApproximateBytes(engine::Family::kRecords, {})));
  ASSERT_TRUE(replica_->Flush().ok());
  Restart();
  EXPECT_EQ(replica_->counts(), counts);
}

TEST_P(ReplicaTest, EmptyBatchIsAnsweredWithNothing) {
  EXPECT_TRUE(DoAll({}).empty());
  EXPECT_EQ(engine_.unsynced_count(), 0u);
}

}  // namespace
}  // namespace quorumcache::replica
