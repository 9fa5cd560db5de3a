// SPDX-License-Identifier: Apache-2.0
// The backend over real quorum operations and replicas that live in the test.
#include "coordinator/service/core_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/coordinator/service/backend_fixture.h"

namespace quorumcache::service {
namespace {

using ::testing::HasSubstr;

constexpr char kUuid[] = "123e4567-e89b-12d3-a456-426614174000";

class CoreBackendTest : public BackendFixture {};

TEST_F(CoreBackendTest, SetThenGet) {
  const CacheResponse set = Ask(Request(OperationKind::kSet, "v"));
  const CacheResponse get = Ask(Request(OperationKind::kGet));

  EXPECT_TRUE(set.error.ok());
  EXPECT_FALSE(set.replaced);
  EXPECT_TRUE(get.found);
  EXPECT_EQ(get.value, "v");
  EXPECT_EQ(get.etag, set.etag);
  EXPECT_EQ(get.required, 2);
  EXPECT_EQ(metrics_.answered, 2);
}

TEST_F(CoreBackendTest, MissIsNoError) {
  const CacheResponse get = Ask(Request(OperationKind::kGet));

  EXPECT_TRUE(get.error.ok());
  EXPECT_FALSE(get.found);
}

TEST_F(CoreBackendTest, ConditionsReallyWork) {
  CacheRequest absent = Request(OperationKind::kSet, "1");
  absent.condition = ConditionKind::kIfAbsent;
  const CacheResponse first = Ask(absent);
  EXPECT_TRUE(first.error.ok()) << first.error.message;
  EXPECT_EQ(Ask(absent).error.reason, "KEY_EXISTS");

  CacheRequest swap = Request(OperationKind::kCompareAndSet, "2");
  swap.etag = first.etag;
  EXPECT_TRUE(Ask(swap).error.ok());
  EXPECT_EQ(Ask(swap).error.reason, "ETAG_MISMATCH");
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).value, "2");
}

TEST_F(CoreBackendTest, IncrementCountsOncePerRequestId) {
  CacheRequest add = Request(OperationKind::kIncrement);
  add.delta = 5;
  add.initial = 10;
  add.request_id = kUuid;

  EXPECT_EQ(Ask(add).number, 15);
  EXPECT_EQ(Ask(add).number, 15);
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).value, "15");
}

TEST_F(CoreBackendTest, PreviousValueComesBackWhereAskedFor) {
  (void)Ask(Request(OperationKind::kSet, "old"));
  CacheRequest request = Request(OperationKind::kSet, "new");
  request.return_previous = true;

  const CacheResponse response = Ask(request);

  ASSERT_TRUE(response.previous.has_value());
  EXPECT_TRUE(response.previous->found);
  EXPECT_EQ(response.previous->value, "old");
}

TEST_F(CoreBackendTest, PreviousValueOfAnEarlierTryIsNotMadeUp) {
  (void)Ask(Request(OperationKind::kSet, "old"));
  CacheRequest request = Request(OperationKind::kSet, "new");
  request.return_previous = true;
  request.request_id = kUuid;
  ASSERT_TRUE(Ask(request).previous.has_value());

  const CacheResponse retry = Ask(request);

  EXPECT_TRUE(retry.error.ok());
  EXPECT_FALSE(retry.previous.has_value());
}

TEST_F(CoreBackendTest, DeleteHidesAndSaysWhetherThereWasAValue) {
  (void)Ask(Request(OperationKind::kSet, "v"));

  EXPECT_TRUE(Ask(Request(OperationKind::kDelete)).replaced);
  EXPECT_FALSE(Ask(Request(OperationKind::kDelete)).replaced);
  EXPECT_FALSE(Ask(Request(OperationKind::kGet)).found);
}

TEST_F(CoreBackendTest, TtlHidesWhenItIsOver) {
  CacheRequest request = Request(OperationKind::kSet, "v");
  request.expiration = {Expiration::Kind::kTtl, 500};
  (void)Ask(request);
  EXPECT_TRUE(Ask(Request(OperationKind::kGet)).found);

  loop_.Advance(absl::Milliseconds(501));

  EXPECT_FALSE(Ask(Request(OperationKind::kGet)).found);
}

TEST_F(CoreBackendTest, UnknownNamespaceIsNamed) {
  CacheRequest request = Request(OperationKind::kGet);
  request.namespace_name = "nope";

  const CacheResponse response = Ask(request);

  EXPECT_EQ(response.error.code, absl::StatusCode::kNotFound);
  EXPECT_EQ(response.error.reason, "NAMESPACE_NOT_FOUND");
  EXPECT_THAT(response.error.message, HasSubstr("nope"));
}

TEST_F(CoreBackendTest, NamespaceDecidesTheLevelWhereTheRequestDoesNot) {
  replicas_.TakeDown(1);
  replicas_.TakeDown(2);
  CacheRequest weak = Request(OperationKind::kGet);
  weak.namespace_name = "weak";

  EXPECT_TRUE(Ask(weak).error.ok());
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).error.reason, "QUORUM_UNREACHABLE");
}

TEST_F(CoreBackendTest, TwoNodesDownIsSaidAtOnceAndNothingIsApplied) {
  replicas_.TakeDown(0);
  replicas_.TakeDown(1);

  const CacheResponse response = Ask(Request(OperationKind::kSet, "v"));

  EXPECT_EQ(response.error.code, absl::StatusCode::kUnavailable);
  EXPECT_FALSE(response.error.outcome_unknown);
  EXPECT_TRUE(response.error.retry_after.has_value());
  EXPECT_EQ(replicas_.sent(2), 0);
}

TEST_F(CoreBackendTest, FullTableShedsLoad) {
  for (LinkId link = 0; link < 3; ++link) replicas_.MakeDeaf(link, true);
  for (size_t i = 0; i < limits::kOperationsInFlightMax; ++i) {
    backend_.Execute(Request(OperationKind::kGet), *this, i);
  }
  ASSERT_TRUE(answers_.empty());

  const CacheResponse response = Ask(Request(OperationKind::kGet));

  EXPECT_EQ(response.error.code, absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(response.error.reason, "OVERLOADED");
}

TEST_F(CoreBackendTest, StaleTopologyStartsOverWithTheNewMap) {
  for (LinkId link = 0; link < 3; ++link) {
    replicas_.RefuseNext(link, model::ReplyStatus::kStaleEpoch, 1);
  }
  backend_.Execute(Request(OperationKind::kSet, "v"), *this, 0);
  replicas_.DeliverAll();
  EXPECT_TRUE(answers_.empty());

  backend_.SetTopology(MakeTestView(2));
  replicas_.DeliverAll();

  ASSERT_EQ(answers_.size(), 1);
  EXPECT_TRUE(answers_[0].error.ok()) << answers_[0].error.message;
  EXPECT_TRUE(replicas_.Holds(0, "default/k", "v"));
}

TEST_F(CoreBackendTest, StaleTopologyDoesNotWaitForAMapThatIsHereAlready) {
  for (LinkId link = 0; link < 3; ++link) {
    replicas_.RefuseNext(link, model::ReplyStatus::kStaleEpoch, 1);
  }
  backend_.Execute(Request(OperationKind::kSet, "v"), *this, 0);
  // The map overtakes the refusals.
  backend_.SetTopology(MakeTestView(2));

  replicas_.DeliverAll();
  loop_.Advance(absl::Milliseconds(1));
  replicas_.DeliverAll();

  ASSERT_EQ(answers_.size(), 1);
  EXPECT_TRUE(answers_[0].error.ok()) << answers_[0].error.message;
  EXPECT_TRUE(replicas_.Holds(0, "default/k", "v"));
}

TEST_F(CoreBackendTest, StaleTopologyThatStaysIsReported) {
  for (LinkId link = 0; link < 3; ++link) {
    replicas_.RefuseNext(link, model::ReplyStatus::kStaleEpoch, 1000);
  }
  backend_.Execute(Request(OperationKind::kGet), *this, 0);
  for (int i = 0; i < 100 && answers_.empty(); ++i) {
    replicas_.DeliverAll();
    loop_.Advance(absl::Milliseconds(10));
  }

  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(answers_[0].error.reason, "STALE_TOPOLOGY");
}

TEST_F(CoreBackendTest, DrainRefusesNewRequestsAndEndsOldOnes) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  backend_.Execute(Request(OperationKind::kSet, "v"), *this, 0);
  backend_.BeginDrain();
  EXPECT_FALSE(backend_.idle());

  backend_.ExpireAll();

  ASSERT_EQ(answers_.size(), 1);
  EXPECT_TRUE(answers_[0].error.outcome_unknown);
  EXPECT_TRUE(backend_.idle());
  EXPECT_EQ(Ask(Request(OperationKind::kGet)).error.reason, "SHUTTING_DOWN");
}

TEST_F(CoreBackendTest, ReadyWhenEveryPartitionHasAQuorum) {
  std::vector<std::string> details;
  EXPECT_TRUE(backend_.Ready(&details));

  replicas_.TakeDown(0);
  backend_.RefreshHealth();
  EXPECT_TRUE(backend_.Ready(&details));

  replicas_.TakeDown(1);
  backend_.RefreshHealth();
  EXPECT_FALSE(backend_.Ready(&details));
  EXPECT_THAT(details, ::testing::Contains(HasSubstr("n1 n2")));
}

TEST_F(CoreBackendTest, LocateShowsWhatEachReplicaHolds) {
  (void)Ask(Request(OperationKind::kSet, "value"));
  replicas_.TakeDown(2);
  KeyLocation location;
  backend_.LocateOnLoop("", "k", [&location](KeyLocation found) { location = std::move(found); });
  replicas_.DeliverAll();

  ASSERT_EQ(location.replicas.size(), 3);
  int found = 0;
  int failed = 0;
  for (const ReplicaView& replica : location.replicas) {
    if (!replica.error.empty()) ++failed;
    if (replica.found && replica.value_size_bytes == 5) ++found;
  }
  EXPECT_EQ(found, 2);
  EXPECT_EQ(failed, 1);
}

TEST_F(CoreBackendTest, SubmitFromOtherThreadsIsAnsweredOnTheLoop) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  int answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, &answered] {
      for (int i = 0; i < kEach; ++i) {
        backend_.Submit(Request(OperationKind::kSet, "v"), [&answered](CacheResponse response) {
          EXPECT_TRUE(response.error.ok());
          ++answered;
        });
      }
    });
  }
  while (answered < kThreads * kEach) {
    if (loop_.RunPosted() == 0) std::this_thread::yield();
    replicas_.DeliverAll();
    loop_.Advance(absl::Microseconds(10));
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(answered, kThreads * kEach);
}

}  // namespace
}  // namespace quorumcache::service
