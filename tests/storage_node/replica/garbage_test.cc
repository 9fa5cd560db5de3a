// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage.h"

#include "absl/strings/str_cat.h"
#include "common/model/hlc.h"
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
    query.epoch = epoch_;
    query.incarnation = kIncarnation;
    query.floor = BallotAt(floor_ms, 0);
    query.now_ms = kWallMs;
    return query;
  }
  ReplyStatus Raise(const model::Ballot& floor) {
    GarbageQuery query = QueryOf(partition_);
    query.floor = floor;
    return replica_->RaiseFloor(query, wall_ms_).status;
  }
  DropPage Drop(uint64_t floor_ms = 100) {
    return replica_->DropGarbage(QueryOf(partition_, floor_ms), wall_ms_);
  }
  DigestPage DigestUpTo(uint64_t floor_ms = 100) {
    return replica_->Digest(QueryOf(partition_, floor_ms), wall_ms_);
  }
  std::vector<EntryRow> List(uint64_t floor_ms = 100) {
    return replica_->ListEntries(QueryOf(partition_, floor_ms), wall_ms_).rows;
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
  const EntryDigest before = DigestUpTo().digest;

  Do(AcceptOf("key", BallotAt(500), "new"));
  const DigestPage after = DigestUpTo();

  EXPECT_EQ(before.count, 1u);
  EXPECT_EQ(after.digest, EntryDigest());
  EXPECT_TRUE(after.complete);
  EXPECT_THAT(List(1000), ElementsAre(EntryRow{EngineKeyOf("key"), BallotAt(500)}));
}

TEST_F(GarbageTest, NothingIsDroppedBeforeTheFloorIsRaised) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));

  const DropPage page = Drop();

  EXPECT_EQ(page.status, ReplyStatus::kOk);
  EXPECT_EQ(page.dropped, 0u);
  EXPECT_EQ(Do(ReadOf("key")).accepted, BallotAt(50));
}

TEST_F(GarbageTest, TombstonesAndExpiredRecordsGoAndLiveOnesStay) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);

  EXPECT_EQ(Drop().dropped, 1u);

  EXPECT_TRUE(Do(ReadOf("key")).accepted.IsZero());
  EXPECT_EQ(replica_->counts(), EntryCounts());
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kRecords), 0u);

  Do(AcceptOf("key", BallotAt(200), ExpiringAt(kWallMs)));
  ASSERT_EQ(Raise(BallotAt(300)), ReplyStatus::kOk);
  EXPECT_EQ(Drop(300).dropped, 1u);

  Do(AcceptOf("key", BallotAt(400), ExpiringAt(kWallMs + 1)));
  ASSERT_EQ(Raise(BallotAt(500)), ReplyStatus::kOk);
  EXPECT_EQ(Drop(500).dropped, 0u);
  EXPECT_EQ(Do(ReadOf("key")).state, model::RecordState::kValue);
  EXPECT_EQ(replica_->counts().values, 1);
}

TEST_F(GarbageTest, GarbageAboveTheFloorStays) {
  Do(AcceptOf("key", BallotAt(101), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);

  EXPECT_EQ(Drop(1000).dropped, 0u);
}

// The round may not come to its end: until it does, a tombstone below the floor is a record like
// any other (ADR 23).
TEST_F(GarbageTest, AFloorAloneForgetsNothing) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);
  EXPECT_TRUE(Do(ReadOf("key")).forgotten.IsZero());

  Drop(80);
  EXPECT_EQ(Do(ReadOf("key")).forgotten, BallotAt(80, 0));
  Drop(1000);
  Restart();
  EXPECT_EQ(Do(ReadOf("key")).forgotten, BallotAt(100));
}

// I8, and the reason for all this.
TEST_F(GarbageTest, NothingOldComesBackOnceItIsForgotten) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);
  Drop();
  model::ReplicaRequest repair = AcceptOf("key", BallotAt(40), "old value");
  std::get<model::AcceptRequest>(repair.body).repair = true;

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(100), "late")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(repair), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(PrepareOf("key", BallotAt(100))), HasStatus(ReplyStatus::kRefused));
  Restart();
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(100), "late")), HasStatus(ReplyStatus::kRefused));
  const model::ReplicaReply reply = Do(ReadOf("key"));
  EXPECT_EQ(reply.forgotten, BallotAt(100, 0));
  EXPECT_EQ(reply.promised, BallotAt(100));
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(101), "new")), HasStatus(ReplyStatus::kOk));
}

TEST_F(GarbageTest, RecordHeldAtAForgottenBallotMayBeRepeated) {
  Do(AcceptOf("key", BallotAt(50), "live"));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(50), "live")), HasStatus(ReplyStatus::kOk));
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(60), "late")), HasStatus(ReplyStatus::kRefused));
}

TEST_F(GarbageTest, PromiseOutlivesTheRecord) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  Do(PrepareOf("key", BallotAt(150)));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);
  ASSERT_EQ(Drop().dropped, 1u);

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(149), "late")), HasStatus(ReplyStatus::kRefused));
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(150), "new")), HasStatus(ReplyStatus::kOk));
}

// As above; here the promise was written with the record, into one row.
TEST_F(GarbageTest, PromiseInTheRecordsRowOutlivesTheRecord) {
  for (const uint64_t start : {0, 200}) {
    const bool is_raised = start != 0;
    model::ReplicaRequest request = AcceptOf("key", BallotAt(start + 50), Tombstone());
    std::get<model::AcceptRequest>(request.body).next = BallotAt(start + 150);
    ASSERT_THAT(Do(request), HasStatus(ReplyStatus::kOk));
    if (is_raised) Do(PrepareOf("key", BallotAt(start + 160)));
    const uint64_t promised = start + (is_raised ? 160 : 150);
    ASSERT_EQ(Raise(BallotAt(start + 100)), ReplyStatus::kOk);
    ASSERT_EQ(Drop(start + 100).dropped, 1u);

    for (int restarts = 0; restarts < 2; ++restarts) {
      EXPECT_EQ(Do(ReadOf("key")).accepted, model::Ballot{});
      EXPECT_EQ(Do(ReadOf("key")).promised, BallotAt(promised));
      EXPECT_THAT(Do(AcceptOf("key", BallotAt(promised - 1), "late")),
                  HasStatus(ReplyStatus::kRefused));
      Restart();
    }
    EXPECT_THAT(Do(AcceptOf("key", BallotAt(promised), "new")), HasStatus(ReplyStatus::kOk));
  }
}

// So that replicas that have dropped and replicas that have not yet compare as equal.
TEST_F(GarbageTest, GarbageBelowTheFloorIsNotCompared) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);

  EXPECT_EQ(DigestUpTo().digest, EntryDigest());
  EXPECT_THAT(List(), IsEmpty());
}

TEST_F(GarbageTest, FloorThatCannotBeWrittenIsNotRaised) {
  engine_.SetDiskFull(true);

  EXPECT_EQ(Raise(BallotAt(100)), ReplyStatus::kDiskFull);

  engine_.SetDiskFull(false);
  EXPECT_THAT(Do(AcceptOf("key", BallotAt(50), "old")), HasStatus(ReplyStatus::kOk));
}

TEST_F(GarbageTest, DropThatCannotBeWrittenChangesNothing) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);
  engine_.SetDiskFull(true);

  EXPECT_EQ(Drop().status, ReplyStatus::kDiskFull);

  EXPECT_EQ(replica_->counts().tombstones, 1);
  EXPECT_EQ(Do(ReadOf("key")).accepted, BallotAt(50));
}

TEST_F(GarbageTest, CorruptRecordIsNeverCountedAsGone) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kRecords, EngineKeyOf("key"), 10));

  EXPECT_EQ(DigestUpTo().status, ReplyStatus::kCorrupt);
  EXPECT_EQ(Drop().status, ReplyStatus::kCorrupt);
}

TEST_F(GarbageTest, PartitionThatIsNotHeldIsNotAnswered) {
  const PartitionAssignment away = {partition_, epoch_, 0, /*is_held=*/false};
  ASSERT_TRUE(replica_->Configure({&away, 1}).ok());

  EXPECT_EQ(DigestUpTo().status, ReplyStatus::kWrongNode);
  EXPECT_EQ(replica_->Digest(QueryOf(kPartitionCount), wall_ms_).status, ReplyStatus::kInvalid);
}

TEST_F(GarbageTest, GarbageAboveWhatThisRoundHasComparedStays) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);

  EXPECT_EQ(Drop(49).dropped, 0u);
  EXPECT_EQ(Drop(51).dropped, 1u);
}

TEST_F(GarbageTest, AnotherIncarnationOrALowerEpochIsRefused) {
  ConfigureAll(7);
  GarbageQuery stale = QueryOf(partition_);
  stale.epoch = 6;
  GarbageQuery other = QueryOf(partition_);
  other.epoch = 7;
  other.incarnation = kIncarnation + 1;

  for (const ReplyStatus status :
       {replica_->Digest(stale, wall_ms_).status, replica_->ListEntries(stale, wall_ms_).status,
        replica_->RaiseFloor(stale, wall_ms_).status,
        replica_->DropGarbage(stale, wall_ms_).status}) {
    EXPECT_EQ(status, ReplyStatus::kStaleEpoch);
  }
  EXPECT_EQ(replica_->Digest(other, wall_ms_).status, ReplyStatus::kWrongNode);
  EXPECT_EQ(replica_->RaiseFloor(other, wall_ms_).status, ReplyStatus::kWrongNode);
  EXPECT_TRUE(replica_->partitions().row(partition_).floor.IsZero());
}

// Or a write of the old epoch could come in behind the comparison.
TEST_F(GarbageTest, HigherEpochIsLearnedAndKeptBeforeAnythingIsCompared) {
  GarbageQuery query = QueryOf(partition_);
  query.epoch = epoch_ + 1;

  ASSERT_EQ(replica_->Digest(query, wall_ms_).status, ReplyStatus::kOk);

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(50), "late")), HasStatus(ReplyStatus::kStaleEpoch));
  Restart();
  EXPECT_EQ(replica_->partitions().row(partition_).epoch, epoch_ + 1);
}

TEST_F(GarbageTest, FloorInTheFutureIsRefused) {
  EXPECT_EQ(Raise(BallotAt(kWallMs + 1)), ReplyStatus::kClockSkew);
  GarbageQuery early = QueryOf(partition_);
  early.now_ms = kWallMs + 1;
  EXPECT_EQ(replica_->DropGarbage(early, wall_ms_).status, ReplyStatus::kClockSkew);

  EXPECT_THAT(Do(AcceptOf("key", BallotAt(kWallMs), "new")), HasStatus(ReplyStatus::kOk));
}

// Or a reader with a slow clock could see what others have dropped, once it asks a replica that has
// not.
TEST_F(GarbageTest, TimeOfTheRoundIsKnownToWhoeverReadsAfterwardsAlsoAfterARestart) {
  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);
  EXPECT_GE(Do(ReadOf("other")).hlc, model::HlcFromMillis(kWallMs));

  Restart();

  EXPECT_GE(Do(ReadOf("other")).hlc, model::HlcFromMillis(kWallMs));
}

TEST_F(GarbageTest, LiveOnlyLeavesGarbageAboveTheFloorOut) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));
  GarbageQuery query = QueryOf(partition_);
  query.live_only = true;

  EXPECT_EQ(DigestUpTo().digest.count, 1u);
  EXPECT_EQ(replica_->Digest(query, wall_ms_).digest.count, 0u);
  EXPECT_THAT(replica_->ListEntries(query, wall_ms_).rows, IsEmpty());
}

TEST_F(GarbageTest, PagesTellWhatTheyFoundDead) {
  Do(AcceptOf("key", BallotAt(50), Tombstone()));

  const DigestPage page = DigestUpTo();

  EXPECT_EQ(page.tally.count, 1u);
  EXPECT_EQ(page.tally.earliest_ms, 50u);
  EXPECT_EQ(page.tally.bytes, page.walked_bytes);
  EXPECT_GT(page.walked_bytes, 0u);
  EXPECT_EQ(DigestUpTo(49).tally, (GarbageTally{.earliest_ms = 50}));
}

TEST_F(GarbageTest, WatchFollowsWritesWalksAndDrops) {
  const GarbageWatch& watch = replica_->garbage();
  EXPECT_EQ(watch.EarliestMs(partition_), GarbageWatch::kUnknown);
  DigestUpTo();
  EXPECT_EQ(watch.EarliestMs(partition_), GarbageTally::kNever);

  Do(AcceptOf("key", BallotAt(50), ExpiringAt(70)));
  EXPECT_EQ(watch.EarliestMs(partition_), 70u);
  Do(AcceptOf("key", BallotAt(60), Tombstone()));
  EXPECT_EQ(watch.EarliestMs(partition_), 60u);
  DigestUpTo();
  EXPECT_EQ(watch.waiting_count(), 1u);
  EXPECT_GT(watch.waiting_bytes(), 0u);

  ASSERT_EQ(Raise(BallotAt(100)), ReplyStatus::kOk);
  Drop();
  EXPECT_EQ(watch.EarliestMs(partition_), GarbageTally::kNever);
  EXPECT_EQ(watch.waiting_count(), 0u);
  EXPECT_EQ(watch.waiting_bytes(), 0u);
  EXPECT_EQ(replica_->counters().tombstones_dropped, 1u);
  EXPECT_EQ(replica_->counters().expired_dropped, 0u);
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
    DigestEntries(GarbageWalk{&engine_, engine::Range{}, {}, 7, 1 << 20}, query, &page);
    ASSERT_EQ(page.status, ReplyStatus::kOk);
    sum.Add(page.digest);
    ++pages;
    if (page.complete) break;
    query.after = page.resume_after;
  }
  EXPECT_EQ(sum, whole);
  EXPECT_EQ(pages, 8);
}

// One large value after another must not add up to a pause.
TEST_F(GarbageTest, PageEndsWithTheRecordThatFillsIt) {
  Do(AcceptOf("key1", BallotAt(50), std::string(1000, 'v')));
  Do(AcceptOf("key2", BallotAt(50), std::string(1000, 'v')));
  DigestPage page;

  DigestEntries(GarbageWalk{&engine_, engine::Range{}, {}, 100, 1}, QueryOf(0), &page);

  EXPECT_FALSE(page.complete);
  EXPECT_EQ(page.digest.count, 1u);
}

}  // namespace
}  // namespace quorumcache::replica
