// SPDX-License-Identifier: Apache-2.0
// What the backend does with many operations on one key, and what each costs in messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "tests/coordinator/service/backend_fixture.h"

namespace quorumcache::service {
namespace {

class HotKeyTest : public BackendFixture {
 protected:
  static CacheRequest Increment() {
    CacheRequest request = Request(OperationKind::kIncrement);
    request.delta = 1;
    request.request_id = NewId();
    return request;
  }
  static std::string NewId() {
    static int number = 0;
    return absl::StrCat("123e4567-e89b-42d3-a456-", 426614174000 + number++);
  }
  size_t Sent() const { return replicas_.sent(0) + replicas_.sent(1) + replicas_.sent(2); }
  // Messages that `request` costs.
  size_t CostOf(CacheRequest request) {
    const size_t before = Sent();
    const CacheResponse response = Ask(std::move(request));
    EXPECT_TRUE(response.error.ok()) << response.error.message;
    return Sent() - before;
  }
  void Start(CacheRequest request, uint64_t cookie = 0) {
    backend_.Execute(std::move(request), *this, cookie);
  }
  // As if another coordinator had written the key: the next Accepts are refused by a majority.
  void RefuseAtTwo() {
    replicas_.RefuseNext(0, model::ReplyStatus::kRefused, 1);
    replicas_.RefuseNext(1, model::ReplyStatus::kRefused, 1);
  }
  // Answers and fires timers until `count` answers are there.
  void RunUntilAnswered(size_t count) {
    for (int i = 0; i < 500 && answers_.size() < count; ++i) {
      replicas_.DeliverAll();
      if (answers_.size() < count) loop_.Advance(absl::Milliseconds(1));
    }
    ASSERT_EQ(answers_.size(), count);
  }
};

// A plain quorum store with N = 3 sends a write to three replicas and a read to two.
TEST_F(HotKeyTest, BlindWriteSendsOneMessageToEachReplica) {
  EXPECT_EQ(CostOf(Request(OperationKind::kSet, "v")), 3u);
  EXPECT_EQ(CostOf(Request(OperationKind::kDelete)), 3u);
}

TEST_F(HotKeyTest, GetWithAgreeingReplicasAsksAMajorityOnce) {
  (void)Ask(Request(OperationKind::kSet, "v"));

  EXPECT_EQ(CostOf(Request(OperationKind::kGet)), 2u);
}

TEST_F(HotKeyTest, ConditionalOperationIsTwoRoundTrips) {
  CacheRequest absent = Request(OperationKind::kSet, "v");
  absent.condition = ConditionKind::kIfAbsent;

  EXPECT_EQ(CostOf(absent), 6u);
}

TEST_F(HotKeyTest, RepeatedConditionalOperationIsOneRoundTrip) {
  EXPECT_EQ(CostOf(Increment()), 6u);  // leaves a mark
  EXPECT_EQ(CostOf(Increment()), 6u);  // asks for the next ballot
  for (int i = 0; i < 10; ++i) EXPECT_EQ(CostOf(Increment()), 3u);

  EXPECT_EQ(Ask(Request(OperationKind::kGet)).value, "12");
}

TEST_F(HotKeyTest, CompareAndSetChainIsOneRoundTripEach) {
  std::string etag = Ask(Request(OperationKind::kSet, "0")).etag;
  for (int i = 1; i <= 6; ++i) {
    CacheRequest swap = Request(OperationKind::kCompareAndSet, absl::StrCat(i));
    swap.etag = etag;
    const size_t before = Sent();
    const CacheResponse response = Ask(swap);
    ASSERT_TRUE(response.error.ok()) << response.error.message;
    etag = response.etag;
    if (i > 2) {
      EXPECT_EQ(Sent() - before, 3u);
    }
  }
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).value, "6");
}

TEST_F(HotKeyTest, CachedBallotServesAFalseConditionToo) {
  for (int i = 0; i < 3; ++i) (void)Ask(Increment());
  CacheRequest absent = Request(OperationKind::kSet, "v");
  absent.condition = ConditionKind::kIfAbsent;
  const size_t before = Sent();

  EXPECT_EQ(Ask(absent).error.reason, "KEY_EXISTS");

  // Not for free: the Accept shows that nobody has written since.
  EXPECT_EQ(Sent() - before, 3u);
}

TEST_F(HotKeyTest, BlindWriteOfThisCoordinatorGivesTheBallotUp) {
  for (int i = 0; i < 3; ++i) (void)Ask(Increment());
  (void)Ask(Request(OperationKind::kSet, "40"));

  EXPECT_EQ(CostOf(Increment()), 6u) << "a cached ballot would have been refused";
  EXPECT_EQ(CostOf(Increment()), 3u);
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).value, "42");
}

TEST_F(HotKeyTest, NewEpochGivesTheBallotUp) {
  for (int i = 0; i < 3; ++i) (void)Ask(Increment());
  backend_.SetTopology(MakeTestView(2));

  EXPECT_EQ(CostOf(Increment()), 6u);
  EXPECT_EQ(CostOf(Increment()), 3u);
}

TEST_F(HotKeyTest, RefusedBallotIsNotUsedAgain) {
  for (int i = 0; i < 3; ++i) (void)Ask(Increment());
  RefuseAtTwo();
  answers_.clear();
  Start(Increment());
  RunUntilAnswered(1);

  EXPECT_EQ(answers_[0].number, 4);
  EXPECT_EQ(Ask(Increment()).number, 5);
}

TEST_F(HotKeyTest, OperationThatFailsLeavesNoBallot) {
  for (int i = 0; i < 3; ++i) (void)Ask(Increment());
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  answers_.clear();
  Start(Increment());
  replicas_.DeliverAll();
  loop_.Advance(absl::Seconds(2));
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_TRUE(answers_[0].error.outcome_unknown);
  replicas_.MakeDeaf(0, false);
  replicas_.MakeDeaf(1, false);
  replicas_.DeliverAll();

  EXPECT_EQ(CostOf(Increment()), 6u);
}

TEST_F(HotKeyTest, ConditionalOperationsOnOneKeyGoOneAtATime) {
  for (int i = 0; i < 5; ++i) Start(Increment());
  EXPECT_EQ(replicas_.queued(0), 1u) << "one Prepare; the others wait";

  replicas_.DeliverAll();

  ASSERT_EQ(answers_.size(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(answers_[static_cast<size_t>(i)].number, i + 1);
  // The second knows that it is not the only one, and asks for the next ballot.
  EXPECT_EQ(Sent(), 6u + 6u + 3u * 3u);
}

TEST_F(HotKeyTest, OtherKeysDoNotWait) {
  Start(Increment());
  CacheRequest other = Increment();
  other.key = "another";
  Start(other);

  EXPECT_EQ(replicas_.queued(0), 2u);
  replicas_.DeliverAll();
}

TEST_F(HotKeyTest, BlindWritesOfAQuietKeyDoNotWaitForEachOther) {
  for (int i = 0; i < 5; ++i) Start(Request(OperationKind::kSet, "v"));

  EXPECT_EQ(replicas_.queued(0), 5u);
  replicas_.DeliverAll();
}

TEST_F(HotKeyTest, BlindWritesOfAContendedKeyGoAsChanges) {
  RefuseAtTwo();
  Start(Request(OperationKind::kSet, "first"));
  RunUntilAnswered(1);
  const size_t before = Sent();

  for (int i = 0; i < 4; ++i) Start(Request(OperationKind::kSet, absl::StrCat("v", i)));
  EXPECT_EQ(Sent() - before, 3u) << "one Prepare; the others wait";
  RunUntilAnswered(5);

  for (const CacheResponse& answer : answers_) EXPECT_TRUE(answer.error.ok());
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).value, "v3");
}

TEST_F(HotKeyTest, QuietKeyIsWrittenBlindlyAgain) {
  RefuseAtTwo();
  Start(Request(OperationKind::kSet, "first"));
  RunUntilAnswered(1);

  loop_.Advance(quorum::kContendedFor + absl::Milliseconds(1));

  EXPECT_EQ(CostOf(Request(OperationKind::kSet, "v")), 3u);
}

TEST_F(HotKeyTest, TimeThatPassesInTheQueueIsReportedAsNotApplied) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  Start(Increment());
  CacheRequest hasty = Increment();
  hasty.timeout = absl::Milliseconds(50);
  Start(hasty);
  const size_t before = Sent();

  loop_.Advance(absl::Milliseconds(60));

  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].error.reason, "DEADLINE_EXCEEDED");
  EXPECT_FALSE(answers_[0].error.outcome_unknown);
  EXPECT_EQ(Sent(), before);
}

TEST_F(HotKeyTest, FullQueueIsOverloaded) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  for (size_t i = 0; i <= limits::kKeyQueueMax; ++i) Start(Increment());
  ASSERT_TRUE(answers_.empty());

  Start(Increment());

  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].error.code, absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(answers_[0].error.reason, "OVERLOADED");
  EXPECT_THAT(answers_[0].error.message, ::testing::HasSubstr("of this key"));
}

TEST_F(HotKeyTest, QueueIsAnsweredWhereNobodyCanBeReached) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  for (size_t i = 0; i < 500; ++i) Start(Increment());
  replicas_.TakeDown(0);
  replicas_.TakeDown(1);

  loop_.Advance(absl::Seconds(2));

  ASSERT_EQ(answers_.size(), 500u);
  EXPECT_TRUE(backend_.idle());
}

TEST_F(HotKeyTest, BlindWriteAtOneNeverWaits) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  Start(Increment());
  CacheRequest weak = Request(OperationKind::kSet, "v");
  weak.consistency = model::Consistency::kOne;

  Start(weak);
  replicas_.DeliverOne(2);
  replicas_.DeliverOne(2);

  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_TRUE(answers_[0].error.ok()) << answers_[0].error.message;
}

TEST_F(HotKeyTest, StaleTopologyKeepsTheOrder) {
  for (LinkId link = 0; link < 3; ++link) {
    replicas_.RefuseNext(link, model::ReplyStatus::kStaleEpoch, 1);
  }
  for (int i = 0; i < 3; ++i) Start(Increment());
  replicas_.DeliverAll();
  ASSERT_TRUE(answers_.empty());

  backend_.SetTopology(MakeTestView(2));
  replicas_.DeliverAll();

  ASSERT_EQ(answers_.size(), 3u);
  EXPECT_EQ(answers_[2].number, 3);
}

TEST_F(HotKeyTest, DrainAnswersThoseThatWait) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  for (int i = 0; i < 3; ++i) Start(Increment());
  backend_.BeginDrain();

  backend_.ExpireAll();

  EXPECT_EQ(answers_.size(), 3u);
  EXPECT_TRUE(backend_.idle());
}

TEST_F(HotKeyTest, QuietTimeCountsFromTheLastRefusal) {
  backend_.BeginDrain();
  EXPECT_FALSE(backend_.QuietFor(absl::Milliseconds(50)));
  loop_.Advance(absl::Milliseconds(40));
  Start(Request(OperationKind::kGet));
  loop_.Advance(absl::Milliseconds(40));
  EXPECT_FALSE(backend_.QuietFor(absl::Milliseconds(50)));

  loop_.Advance(absl::Milliseconds(11));

  EXPECT_TRUE(backend_.QuietFor(absl::Milliseconds(50)));
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].error.reason, "SHUTTING_DOWN");
}

TEST_F(HotKeyTest, NotReadyBeforeEveryNodeHasBeenTriedOnce) {
  CoreBackend fresh{{loop_, replicas_, scans_, metrics_, RequestLimits(), 2}};
  std::vector<std::string> details;
  replicas_.SetTried(2, false);
  replicas_.TakeDown(2);
  fresh.SetTopology(MakeTestView(1));
  EXPECT_FALSE(fresh.Ready(&details)) << "a majority is up, but one node fewer would be an outage";

  replicas_.SetTried(2, true);
  fresh.RefreshHealth();
  EXPECT_TRUE(fresh.Ready(&details));

  // A node that joins later makes nobody wait.
  replicas_.SetTried(2, false);
  fresh.SetTopology(MakeTestView(2));
  EXPECT_TRUE(fresh.Ready(&details));
}

}  // namespace
}  // namespace quorumcache::service
