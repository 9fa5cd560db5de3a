// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage.h"

#include "absl/strings/str_cat.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

using model::ReplyStatus;
using testing::ElementsAre;
using testing::IsEmpty;

class GarbageTest : public ReplicaFixture {
 protected:
  GarbageQuery QueryOf(uint32_t partition, uint64_t floor_ms = 100) const {
    GarbageQuery query;
    query.partition = partition;
    query.floor = BallotAt(floor_ms, 0);
    query.now_ms = kWallMs;
    return query;
  }
  model::Record ExpiringAt(uint64_t ms) const {
    model::Record record = ValueOf("value");
    record.expire_at_ms = ms;
    return record;
  }
  const uint32_t partition_ = PartitionOfKey("key");
};

TEST_F(GarbageTest, DigestsAreEqualForEqualEntriesWhateverOrderTheyCameIn) {
  EntryDigest one;
  one.Add("a", BallotAt(1));
  one.Add("b", BallotAt(2));
  EntryDigest other;
  other.Add("b", BallotAt(2));
  EntryDigest rest;
  rest.Add("a", BallotAt(1));
  other.Add(rest);

  EXPECT_EQ(one, other);
}

TEST_F(GarbageTest, DigestsDifferByKeyBallotAndNumber) {
  EntryDigest base;
  base.Add("a", BallotAt(1));
  EntryDigest other_key;
  other_key.Add("b", BallotAt(1));
  EntryDigest other_ballot;
  other_ballot.Add("a", BallotAt(2));
  EntryDigest swapped;
  swapped.Add("a", BallotAt(2));
  swapped.Add("b", BallotAt(1));
  EntryDigest straight;
  straight.Add("a", BallotAt(1));
  straight.Add("b", BallotAt(2));

  EXPECT_NE(base, other_key);
  EXPECT_NE(base, other_ballot);
  EXPECT_NE(base, EntryDigest());
  EXPECT_NE(swapped, straight);
}

TEST_F(GarbageTest, OnlyEntriesUpToTheFloorAreCompared) {
  Do(AcceptOf("key", BallotAt(50), "old"));
  const EntryDigest before = replica_->Digest(QueryOf(partition_)).digest;

  Do(AcceptOf("key", BallotAt(500), "new"));
  const DigestPage after = replica_->Digest(QueryOf(partition_));

  EXPECT_EQ(before.count, 1u);
  EXPECT_EQ(after.digest, EntryDigest());
  EXPECT_TRUE(after.complete);
  EXPECT_THAT(replica_->ListEntries(QueryOf(partition_, 1000)).rows,
              ElementsAre(EntryRow{EngineKeyOf("key"), BallotAt(500)}));
}

TEST_F(GarbageTest, NothingIsDroppedBeforeTheFloorIsRaised) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));

  const DropPage page = replica_->DropGarbage(QueryOf(partition_));

  EXPECT_EQ(page.status, ReplyStatus::kOk);
  EXPECT_EQ(page.dropped, 0u);
  EXPECT_EQ(Do(ReadOf("key")).accepted, BallotAt(50));
}

TEST_F(GarbageTest, TombstonesAndExpiredRecordsGoAndLiveOnesStay) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());

  EXPECT_EQ(replica_->DropGarbage(QueryOf(partition_)).dropped, 1u);

  EXPECT_TRUE(Do(ReadOf("key")).accepted.IsZero());
  EXPECT_EQ(replica_->counts(), EntryCounts());
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kRecords), 0u);

  Do(AcceptOf("key", BallotAt(200), ExpiringAt(kWallMs)));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(300)).ok());
  EXPECT_EQ(replica_->DropGarbage(QueryOf(partition_)).dropped, 1u);

  Do(AcceptOf("key", BallotAt(400), ExpiringAt(kWallMs + 1)));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(500)).ok());
  EXPECT_EQ(replica_->DropGarbage(QueryOf(partition_)).dropped, 0u);
  EXPECT_EQ(Do(ReadOf("key")).state, model::RecordState::kValue);
  EXPECT_EQ(replica_->counts().values, 1);
}

TEST_F(GarbageTest, GarbageAboveTheFloorStays) {
  Do(AcceptOf("key", BallotAt(101), Tombstone()));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());

  EXPECT_EQ(replica_->DropGarbage(QueryOf(partition_, 1000)).dropped, 0u);
}

// I8, and the reason for all this.
TEST_F(GarbageTest, NothingOldComesBackOnceItIsForgotten) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());
  replica_->DropGarbage(QueryOf(partition_));
  model::ReplicaRequest repair = AcceptOf("key", BallotAt(40), "old value");
  std::get<model::AcceptRequest>(repair.body).repair = true;

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(100), "late")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(repair), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(PrepareOf("key", BallotAt(100))), HasStatus(ReplyStatus::kRefused));
  Restart();
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(100), "late")), HasStatus(ReplyStatus::kRefused));
  const model::ReplicaReply reply = Do(ReadOf("key"));
  EXPECT_EQ(reply.floor, BallotAt(100));
  EXPECT_EQ(reply.promised, BallotAt(100));
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(101), "new")), HasStatus(ReplyStatus::kOk));
}

TEST_F(GarbageTest, RecordHeldAtAForgottenBallotMayBeRepeated) {
  Do(AcceptOf("key", BallotAt(50), "live"));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(50), "live")), HasStatus(ReplyStatus::kOk));
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(60), "late")), HasStatus(ReplyStatus::kRefused));
}

TEST_F(GarbageTest, PromiseOutlivesTheRecord) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  Do(PrepareOf("key", BallotAt(150)));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());
  ASSERT_EQ(replica_->DropGarbage(QueryOf(partition_)).dropped, 1u);

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(149), "late")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(150), "new")), HasStatus(ReplyStatus::kOk));
}

// So that replicas that have dropped and replicas that have not yet compare as equal.
TEST_F(GarbageTest, GarbageBelowTheFloorIsNotCompared) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());

  EXPECT_EQ(replica_->Digest(QueryOf(partition_)).digest, EntryDigest());
  EXPECT_THAT(replica_->ListEntries(QueryOf(partition_)).rows, IsEmpty());
}

TEST_F(GarbageTest, FloorThatCannotBeWrittenIsNotRaised) {
  engine_.SetDiskFull(true);

  EXPECT_EQ(engine::CauseOf(replica_->RaiseFloor(partition_, BallotAt(100))),
            engine::Cause::kDiskFull);

  engine_.SetDiskFull(false);
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(50), "old")), HasStatus(ReplyStatus::kOk));
}

TEST_F(GarbageTest, DropThatCannotBeWrittenChangesNothing) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_TRUE(replica_->RaiseFloor(partition_, BallotAt(100)).ok());
  engine_.SetDiskFull(true);

  EXPECT_EQ(replica_->DropGarbage(QueryOf(partition_)).status, ReplyStatus::kDiskFull);

  EXPECT_EQ(replica_->counts().tombstones, 1);
  EXPECT_EQ(Do(ReadOf("key")).accepted, BallotAt(50));
}

TEST_F(GarbageTest, CorruptRecordIsNeverCountedAsGone) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kRecords, EngineKeyOf("key"), 10));

  EXPECT_EQ(replica_->Digest(QueryOf(partition_)).status, ReplyStatus::kCorrupt);
  EXPECT_EQ(replica_->DropGarbage(QueryOf(partition_)).status, ReplyStatus::kCorrupt);
}

TEST_F(GarbageTest, PartitionThatIsNotHeldIsNotAnswered) {
  const PartitionAssignment away = {partition_, epoch_, 0, /*is_held=*/false};
  ASSERT_TRUE(replica_->Configure({&away, 1}).ok());

  EXPECT_EQ(replica_->Digest(QueryOf(partition_)).status, ReplyStatus::kWrongNode);
  EXPECT_EQ(replica_->Digest(QueryOf(kPartitionCount)).status, ReplyStatus::kWrongNode);
}

TEST_F(GarbageTest, PagesAddUpToTheWhole) {
  std::string last;
  EntryDigest whole;
  for (int i = 0; i < 50; ++i) {
    const std::string key = absl::StrCat("key", i);
    Do(AcceptOf(key, BallotAt(50), "value"));
    whole.Add(EngineKeyOf(key), BallotAt(50));
  }
  GarbageQuery query = QueryOf(0);
  EntryDigest sum;
  int pages = 0;
  while (true) {
    DigestPage page;
    DigestEntries(GarbageWalk{&engine_, engine::Range{}, {}, 7}, query, &page);
    ASSERT_EQ(page.status, ReplyStatus::kOk);
    sum.Add(page.digest);
    ++pages;
    if (page.complete) break;
    query.after = page.resume_after;
  }
  EXPECT_EQ(sum, whole);
  EXPECT_EQ(pages, 8);
}

}  // namespace
}  // namespace quorumcache::replica
