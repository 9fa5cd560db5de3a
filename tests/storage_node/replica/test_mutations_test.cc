// SPDX-License-Identifier: Apache-2.0
// Each planted bug does what its comment says: a switch that changes nothing would make the
// simulator look blind, and one that is on by default would be a bug. The same steps without it are
// in the other tests.
#include "storage_node/replica/test_mutations.h"

#include <utility>
#include <variant>

#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

using model::ReplicaRequest;
using model::ReplyStatus;

class TestMutationsTest : public ReplicaFixture {
 protected:
  // A replica with one bug.
  void Plant(bool TestMutations::*bug) {
    options_.mutations.*bug = true;
    Restart();
  }
  GarbageQuery FloorQuery() const {
    GarbageQuery query;
    query.partition = PartitionOfKey("a");
    query.epoch = epoch_;
    query.incarnation = kIncarnation;
    query.floor = BallotAt(100);
    return query;
  }
  static ReplicaRequest AsRepair(ReplicaRequest request) {
    std::get<model::AcceptRequest>(request.body).repair = true;
    return request;
  }
};

TEST_F(TestMutationsTest, ReplyBeforePersistLosesTheLastBatchAtARestart) {
  Plant(&TestMutations::reply_before_persist);
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "one")), HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(Do(ReadOf("a")).accepted, BallotAt(10));
  Do(AcceptOf("a", BallotAt(20), "two"));

  Restart();

  EXPECT_EQ(Do(ReadOf("a")).accepted, BallotAt(10));
}

TEST_F(TestMutationsTest, ForgottenPromiseIsGoneAfterARestart) {
  Plant(&TestMutations::forget_promise_at_restart);
  Do(PrepareOf("a", BallotAt(20)));
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "late")), HasStatus(ReplyStatus::kRefused));

  Restart();

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "late")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, BlindWriteIgnoresAPromise) {
  Plant(&TestMutations::ignore_promise_on_blind_write);
  Do(PrepareOf("a", BallotAt(20)));

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "blind")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, OlderRecordReplacesANewerOne) {
  Plant(&TestMutations::ignore_accepted);
  Do(AcceptOf("a", BallotAt(20), "new"));

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "old")), HasStatus(ReplyStatus::kOk));
  EXPECT_EQ(Do(ReadOf("a")).accepted, BallotAt(10));
}

TEST_F(TestMutationsTest, PreviousIsForgotten) {
  Plant(&TestMutations::forget_previous);
  Do(AcceptOf("a", BallotAt(10), "one"));

  EXPECT_TRUE(Do(AcceptOf("a", BallotAt(20), "two")).previous.IsZero());
}

TEST_F(TestMutationsTest, LineageIsForgotten) {
  Plant(&TestMutations::forget_lineage);
  model::Record record = ValueOf("one");
  record.lineage = model::Lineage::Blind(BallotAt(10), model::RequestId{1, 2});
  Do(AcceptOf("a", BallotAt(10), record));

  EXPECT_EQ(Do(ReadOf("a")).record->lineage, model::Lineage());
}

TEST_F(TestMutationsTest, NextIsNotPromised) {
  Plant(&TestMutations::ignore_next);
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(request.body).next = BallotAt(30);

  EXPECT_EQ(Do(request).promised, BallotAt(10));
}

TEST_F(TestMutationsTest, LowerEpochsAreObeyed) {
  Plant(&TestMutations::no_fence);
  ConfigureAll(7);

  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, FenceIsGoneAfterARestart) {
  Plant(&TestMutations::fence_not_persisted);
  ConfigureAll(7);
  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kStaleEpoch));

  Restart();

  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, DeadBallotsAreAccepted) {
  Plant(&TestMutations::no_ballot_floor);
  ConfigureAll(7, /*ballot_floor_epoch=*/7);
  epoch_ = 7;

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "old")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, RepairIgnoresAPromise) {
  Plant(&TestMutations::repair_ignores_promise);
  Do(PrepareOf("a", BallotAt(20)));

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "blind")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(AsRepair(AcceptOf("a", BallotAt(10), "late"))), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, FloorIsIgnored) {
  Plant(&TestMutations::ignore_floor);
  ASSERT_EQ(replica_->RaiseFloor(FloorQuery(), wall_ms_).status, ReplyStatus::kOk);

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(50), "old")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, GarbageGoesWithoutAFloorAndComesBack) {
  Plant(&TestMutations::drop_without_floor);
  Do(AcceptOf("a", BallotAt(50), Tombstone()));
  ASSERT_EQ(replica_->RaiseFloor(FloorQuery(), wall_ms_).status, ReplyStatus::kOk);

  EXPECT_EQ(replica_->DropGarbage(FloorQuery(), wall_ms_).dropped, 1u);

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(40), "undead")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, CorruptRecordReadsAsAbsent) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kRecords, EngineKeyOf("a"), 9));
  Plant(&TestMutations::corrupt_reads_as_absent);

  EXPECT_EQ(Do(ReadOf("a")).state, model::RecordState::kAbsent);
}

TEST_F(TestMutationsTest, FailedWriteIsAnsweredYes) {
  Plant(&TestMutations::ignore_write_error);
  engine_.SetDiskFull(true);

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "one")), HasStatus(ReplyStatus::kOk));
}

TEST_F(TestMutationsTest, ClocksThatAreAheadAreBelieved) {
  Plant(&TestMutations::no_clock_skew_check);
  ReplicaRequest request = ReadOf("a");
  request.hlc = model::HlcFromMillis(kWallMs + 1'000'000);

  EXPECT_EQ(Do(request).hlc, request.hlc);
}

}  // namespace
}  // namespace quorumcache::replica
