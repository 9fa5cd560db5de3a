// SPDX-License-Identifier: Apache-2.0
// A partition moves from one replica to another, over the network that is this test.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/memory_engine.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;
using model::ReplicaReply;
using model::ReplicaRequest;
using model::ReplyStatus;

constexpr uint32_t kMoveEpoch = 2;

// The fixture's replica is the source; `target_` joins its slot.
class ReplicaTransferTest : public ReplicaFixture {
 protected:
  static constexpr uint64_t kTargetIncarnation = 88;

  ReplicaTransferTest() {
    RestartTarget();
    TellTarget(kMoveEpoch);
  }

  void RestartTarget() {
    target_.reset();
    target_engine_.Restart();
    ReplicaOptions options = options_;
    options.incarnation = kTargetIncarnation;
    target_ = *Replica::Open(&target_engine_, options);
  }

  void TellTarget(uint32_t join_epoch) { TellTarget(join_epoch, /*is_joiner=*/true); }
  void TellTarget(uint32_t epoch, bool is_joiner) {
    std::vector<PartitionAssignment> assignments;
    for (uint32_t partition = 0; partition < kPartitionCount; ++partition) {
      assignments.push_back({partition, epoch, is_joiner ? epoch : kMoveEpoch, true, is_joiner});
    }
    ASSERT_TRUE(target_->Configure(assignments).ok());
  }

  PullRequest PullOf(uint32_t partition, const std::string& after = "") const {
    return {.partition = partition,
            .epoch = kMoveEpoch,
            .ballot_floor_epoch = kMoveEpoch,
            .incarnation = kIncarnation,
            .after = after,
            .size_bytes_max = page_bytes_};
  }

  ImportResult ImportPage(uint32_t partition, const std::string& page, uint64_t source = 1,
                          bool same_slot = true, uint32_t needed = 1) {
    return target_->Import({.partition = partition,
                            .join_id = kMoveEpoch,
                            .source = source,
                            .same_slot = same_slot,
                            .sources_needed = needed,
                            .page = page});
  }

  // All pages of a partition; the number of them.
  int Copy(uint32_t partition) {
    std::string after;
    for (int pages = 1;; ++pages) {
      const PullReply reply = replica_->Export(PullOf(partition, after));
      EXPECT_EQ(reply.status, ReplyStatus::kOk) << reply.message;
      const ImportResult result = ImportPage(partition, reply.page);
      EXPECT_TRUE(result.status.ok()) << result.status;
      if (result.complete || !result.status.ok()) return pages;
      after = result.progress.sources.at(0).after;
    }
  }
  void CopyAll() {
    for (uint32_t partition = 0; partition < kPartitionCount; ++partition) Copy(partition);
  }

  ReplicaReply AskTarget(ReplicaRequest request, uint32_t epoch, bool joiner) {
    request.incarnation = kTargetIncarnation;
    request.epoch = epoch;
    request.ballot_floor_epoch = kMoveEpoch;
    request.joiner = joiner;
    std::vector<ReplicaReply> replies;
    target_->Apply({&request, 1}, wall_ms_, &replies);
    return replies.at(0);
  }

  engine::MemoryEngine target_engine_;
  std::unique_ptr<Replica> target_;
  uint32_t page_bytes_ = 0;
};

TEST_F(ReplicaTransferTest, CopiesRecordsPromisesPreviousAndClock) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  Do(AcceptOf("a", BallotAt(20), "two"));
  Do(PrepareOf("a", BallotAt(30)));
  Do(PrepareOf("only-promised", BallotAt(40)));
  CopyAll();

  const ReplicaReply a = AskTarget(ReadOf("a"), kMoveEpoch, true);
  EXPECT_EQ(a.accepted, BallotAt(20));
  EXPECT_EQ(a.previous, BallotAt(10));
  EXPECT_EQ(a.promised, BallotAt(30));
  ASSERT_TRUE(a.record.has_value());
  EXPECT_EQ(a.record->value, "two");
  EXPECT_EQ(AskTarget(ReadOf("only-promised"), kMoveEpoch, true).promised, BallotAt(40));
  EXPECT_GE(target_->highest_hlc(), replica_->highest_hlc());
}

TEST_F(ReplicaTransferTest, PromiseInTheRecordsRowIsCopiedBesideAPlainRecord) {
  ReplicaRequest request = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(request.body).next = BallotAt(30);
  Do(request);
  const PullReply pulled = replica_->Export(PullOf(PartitionOfKey("a")));
  TransferPage page;
  ASSERT_TRUE(DecodeTransferPage(pulled.page, &page).ok());
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].promised, BallotAt(30));
  EXPECT_EQ(page.rows[0].record.at(4), 1) << "format 1, which earlier releases read";
  CopyAll();

  const ReplicaReply a = AskTarget(ReadOf("a"), kMoveEpoch, true);
  EXPECT_EQ(a.accepted, BallotAt(10));
  EXPECT_EQ(a.promised, BallotAt(30));
  EXPECT_EQ(a.record->value, "one");
  EXPECT_EQ(target_engine_.ApproximateEntries(engine::Family::kPromises), 0u);
}

TEST_F(ReplicaTransferTest, PullingFencesTheSourceAcrossARestart) {
  const uint32_t partition = PartitionOfKey("a");
  ASSERT_EQ(replica_->Export(PullOf(partition)).status, ReplyStatus::kOk);

  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "late")), HasStatus(ReplyStatus::kStaleEpoch));
  Restart();
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "late")), HasStatus(ReplyStatus::kWrongNode))
      << "the map that it starts with is older than what it knows";
  ConfigureAll(kMoveEpoch, kMoveEpoch);
  EXPECT_THAT(Do(AcceptOf("a", BallotAt(10), "late")), HasStatus(ReplyStatus::kStaleEpoch));
  EXPECT_EQ(replica_->partitions().row(partition).ballot_floor_epoch, kMoveEpoch);
}

TEST_F(ReplicaTransferTest, SourceThatCannotWriteTheFenceServesNothing) {
  engine_.SetDiskFull(true);

  const PullReply reply = replica_->Export(PullOf(0));

  EXPECT_EQ(reply.status, ReplyStatus::kUnavailable);
  EXPECT_TRUE(reply.page.empty());
  EXPECT_EQ(replica_->partitions().row(0).epoch, 1u);
}

TEST_F(ReplicaTransferTest, PullsOfAnOldMapAreStale) {
  ConfigureAll(5);

  EXPECT_EQ(replica_->Export(PullOf(0)).status, ReplyStatus::kStaleEpoch);
}

TEST_F(ReplicaTransferTest, HalfACopyAnswersNobodyAlone) {
  Do(AcceptOf("a", BallotAt(10), "one"));

  EXPECT_THAT(AskTarget(ReadOf("a"), kMoveEpoch, true), HasStatus(ReplyStatus::kOk));
  EXPECT_THAT(AskTarget(ReadOf("a"), kMoveEpoch + 1, false), HasStatus(ReplyStatus::kUnavailable));
  EXPECT_EQ(target_
                ->Export(PullRequest{.partition = PartitionOfKey("a"),
                                     .epoch = kMoveEpoch + 1,
                                     .incarnation = kTargetIncarnation})
                .status,
            ReplyStatus::kUnavailable);
  CopyAll();
  EXPECT_THAT(AskTarget(ReadOf("a"), kMoveEpoch + 1, false), HasStatus(ReplyStatus::kOk));
}

TEST_F(ReplicaTransferTest, RepairsWaitForAWholeCopy) {
  ReplicaRequest repair = AcceptOf("a", BallotAt(10), "one");
  std::get<model::AcceptRequest>(repair.body).repair = true;

  EXPECT_THAT(AskTarget(repair, 0, false), HasStatus(ReplyStatus::kUnavailable));
  CopyAll();
  EXPECT_THAT(AskTarget(repair, 0, false), HasStatus(ReplyStatus::kOk));
}

TEST_F(ReplicaTransferTest, JoinerAnswersOnlyOnceItKnowsThatItIsOne) {
  EXPECT_THAT(AskTarget(ReadOf("a"), kMoveEpoch + 1, true), HasStatus(ReplyStatus::kUnavailable));
  TellTarget(kMoveEpoch + 1);
  EXPECT_THAT(AskTarget(ReadOf("a"), kMoveEpoch + 1, true), HasStatus(ReplyStatus::kOk));
}

TEST_F(ReplicaTransferTest, WhatTheJoinerWasToldMeanwhileStays) {
  Do(AcceptOf("a", BallotAt(10), "old"));
  Ballot newer = BallotAt(20);
  newer.epoch = kMoveEpoch;
  AskTarget(AcceptOf("a", newer, "new"), kMoveEpoch, true);
  CopyAll();

  const ReplicaReply a = AskTarget(ReadOf("a"), kMoveEpoch, true);
  EXPECT_EQ(a.record->value, "new");
  EXPECT_EQ(a.previous, BallotAt(10));
}

TEST_F(ReplicaTransferTest, MergesAMajorityForADeadNode) {
  const uint32_t partition = PartitionOfKey("a");
  Do(AcceptOf("a", BallotAt(10), "from the first"));
  Do(PrepareOf("a", BallotAt(50)));
  const std::string first = replica_->Export(PullOf(partition)).page;
  Do(AcceptOf("unrelated", BallotAt(1), "x"));
  // The second source holds something newer, and has promised less.
  engine::MemoryEngine engine;
  ReplicaOptions options = options_;
  auto second = *Replica::Open(&engine, options);
  const PartitionAssignment held{partition, 1, 0, true};
  ASSERT_TRUE(second->Configure({&held, 1}).ok());
  std::vector<ReplicaReply> replies;
  const ReplicaRequest accept = AcceptOf("a", BallotAt(30), "from the second");
  second->Apply({&accept, 1}, wall_ms_, &replies);

  EXPECT_FALSE(ImportPage(partition, first, 1, false, 2).complete);
  EXPECT_TRUE(ImportPage(partition, second->Export(PullOf(partition)).page, 2, false, 2).complete);

  const ReplicaReply a = AskTarget(ReadOf("a"), kMoveEpoch, true);
  EXPECT_EQ(a.accepted, BallotAt(30));
  EXPECT_EQ(a.promised, BallotAt(50));
  EXPECT_EQ(a.previous, a.accepted) << "unknown: attests nothing";
}

TEST_F(ReplicaTransferTest, GoesOnWhereItWasAfterARestart) {
  page_bytes_ = 1;
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < 5; ++i) {
    const std::string key = "k" + std::to_string(i);
    if (PartitionOfKey(key) == 3) keys.push_back(key);
  }
  for (const std::string& key : keys) Do(AcceptOf(key, BallotAt(10), key));
  std::string after;
  for (int page = 0; page < 3; ++page) {
    after = ImportPage(3, replica_->Export(PullOf(3, after)).page).progress.sources.at(0).after;
  }

  RestartTarget();
  TellTarget(kMoveEpoch);

  EXPECT_EQ(target_->ProgressOf(3).sources.at(0).after, after);
  EXPECT_EQ(target_engine_.ApproximateEntries(engine::Family::kRecords), 3u);
  bool complete = false;
  for (int page = 3; !complete; ++page) {
    ASSERT_LT(page, 10);
    const ImportResult result = ImportPage(3, replica_->Export(PullOf(3, after)).page);
    ASSERT_TRUE(result.status.ok()) << result.status;
    complete = result.complete;
    after = result.progress.sources.at(0).after;
  }
  for (const std::string& key : keys) {
    EXPECT_EQ(AskTarget(ReadOf(key), kMoveEpoch, true).record->value, key);
  }
}

TEST_F(ReplicaTransferTest, PagesOutOfOrderAndOfOtherJoinsAreRefused) {
  page_bytes_ = 1;
  const uint32_t partition = PartitionOfKey("a");
  Do(AcceptOf("a", BallotAt(10), "one"));
  for (int i = 0, more = 2; more > 0; ++i) {
    const std::string key = "k" + std::to_string(i);
    if (PartitionOfKey(key) != partition) continue;
    Do(AcceptOf(key, BallotAt(10), "more"));
    --more;
  }
  const std::string page = replica_->Export(PullOf(partition)).page;
  ASSERT_TRUE(ImportPage(partition, page).status.ok());

  EXPECT_EQ(engine::CauseOf(ImportPage(partition, page).status), engine::Cause::kInvalid);
  EXPECT_EQ(engine::CauseOf(ImportPage((partition + 1) % kPartitionCount, page).status),
            engine::Cause::kInvalid);
  EXPECT_FALSE(target_->Import({.partition = partition, .join_id = 9, .page = page}).status.ok());
  EXPECT_EQ(engine::CauseOf(ImportPage(partition, page + "x").status), engine::Cause::kCorrupt);
}

TEST_F(ReplicaTransferTest, AFailedWriteLeavesTheCopyAsItWas) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  const uint32_t partition = PartitionOfKey("a");
  const std::string page = replica_->Export(PullOf(partition)).page;
  target_engine_.SetDiskFull(true);

  const ImportResult failed = ImportPage(partition, page);

  EXPECT_EQ(engine::CauseOf(failed.status), engine::Cause::kDiskFull);
  EXPECT_FALSE(failed.complete);
  EXPECT_TRUE(failed.progress.sources.empty());
  target_engine_.SetDiskFull(false);
  EXPECT_TRUE(ImportPage(partition, page).complete);
}

TEST_F(ReplicaTransferTest, ANewJoinForgetsTheOneBefore) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  CopyAll();
  const EntryCounts copied = target_->counts();
  EXPECT_EQ(copied.values, 1);

  TellTarget(kMoveEpoch + 5);

  EXPECT_EQ(AskTarget(ReadOf("a"), kMoveEpoch + 5, true).accepted, Ballot{});
  EXPECT_EQ(target_->counts(), EntryCounts{});
  EXPECT_FALSE(target_->Joins().at(0).complete);
}

TEST_F(ReplicaTransferTest, DropsAllOfAPartitionThatHasLeft) {
  for (int i = 0; i < 100; ++i) {
    Do(AcceptOf("k" + std::to_string(i), BallotAt(10), "v"));
    Do(PrepareOf("k" + std::to_string(i), BallotAt(20)));
  }
  for (uint32_t partition = 0; partition < kPartitionCount; ++partition) {
    const PartitionAssignment away{partition, 3, kMoveEpoch, false};
    ASSERT_TRUE(replica_->Configure({&away, 1}).ok());
    DropProgress progress;
    while (!progress.complete) {
      progress = replica_->DropSome(partition);
      ASSERT_TRUE(progress.status.ok());
    }
    EXPECT_EQ(replica_->partitions().row(partition).copy, CopyState::kNone);
    EXPECT_EQ(replica_->partitions().row(partition).epoch, 3u);
  }
  EXPECT_EQ(replica_->counts(), EntryCounts{});
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kRecords), 0u);
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kPromises), 0u);
}

TEST_F(ReplicaTransferTest, ADropThatWasCutOffIsNoCopy) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  const uint32_t partition = PartitionOfKey("a");
  const PartitionAssignment away{partition, 3, kMoveEpoch, false};
  ASSERT_TRUE(replica_->Configure({&away, 1}).ok());
  ASSERT_TRUE(replica_->DropSome(partition).complete);
  // A map that gives it back without a join cannot be; the replica does not serve what it lacks.
  const PartitionAssignment back{partition, 4, kMoveEpoch, true};
  ASSERT_TRUE(replica_->Configure({&back, 1}).ok());
  epoch_ = 4;

  EXPECT_THAT(Do(ReadOf("a")), HasStatus(ReplyStatus::kUnavailable));
}

TEST_F(ReplicaTransferTest, RotOnTheSourceIsSaidAndNotCopied) {
  Do(AcceptOf("a", BallotAt(10), "one"));
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kRecords, EngineKeyOf("a"), 30));

  EXPECT_EQ(replica_->Export(PullOf(PartitionOfKey("a"))).status, ReplyStatus::kCorrupt);
}

}  // namespace
}  // namespace quorumcache::replica
