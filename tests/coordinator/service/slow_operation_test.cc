// SPDX-License-Identifier: Apache-2.0
// What the backend puts into its slow log, over replicas that the test makes slow.
#include "coordinator/service/slow_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/hash/token.h"
#include "tests/coordinator/service/backend_fixture.h"

namespace quorumcache::service {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kUuid[] = "123e4567-e89b-12d3-a456-426614174000";
constexpr char kLongKey[] = "session:7f3a9c0d5e";

class SlowOperationTest : public BackendFixture {
 protected:
  ~SlowOperationTest() override { slow_.ExpireAll(); }
  SlowOperationTest() { slow_.SetTopology(MakeTestView(1)); }

  Caller CallerOf(uint64_t cookie) override {
    ++callers_asked_;
    return {.peer = "peer-1"};
  }

  // Executes `request`, whose replicas answer after `delay`.
  void AskSlowly(CacheRequest request, absl::Duration delay) {
    slow_.Execute(std::move(request), *this, 0);
    loop_.Advance(delay);
    replicas_.DeliverAll();
  }
  std::vector<SlowOperation> Kept() { return slow_.ReadSlowLogOnLoop({}).operations; }

  CoreBackend slow_{{loop_, replicas_, scans_, metrics_, RequestLimits(), 2,
                     SlowLogOptions{absl::Milliseconds(5), "c1"}}};
  int callers_asked_ = 0;
};

TEST_F(SlowOperationTest, FastOperationsAreNotKept) {
  AskSlowly(Request(OperationKind::kSet, "v"), absl::Milliseconds(5));

  EXPECT_EQ(answers_.size(), 1u);
  EXPECT_THAT(Kept(), IsEmpty());
  EXPECT_EQ(slow_.slow_operations(), 0u);
  EXPECT_EQ(callers_asked_, 0);
}

TEST_F(SlowOperationTest, ASlowWriteIsKeptWithWhatItTook) {
  CacheRequest request = Request(OperationKind::kSet, "v");
  request.key = kLongKey;
  request.consistency = model::Consistency::kAll;
  request.request_id = kUuid;
  AskSlowly(std::move(request), absl::Milliseconds(6));

  ASSERT_EQ(Kept().size(), 1u);
  const SlowOperation slow = Kept()[0];
  EXPECT_EQ(slow.ended_at_ms, loop_.now().wall_ms);
  EXPECT_EQ(slow.operation, "set");
  EXPECT_EQ(slow.namespace_name, "default");
  EXPECT_EQ(slow.key, "session:...(18 bytes)");
  EXPECT_EQ(slow.token, hash::TokenOf("default", kLongKey));
  EXPECT_EQ(slow.consistency, model::Consistency::kAll);
  EXPECT_EQ(slow.duration, absl::Milliseconds(6));
  EXPECT_EQ(slow.rounds, 1u);
  EXPECT_EQ(slow.attempts, 1u);
  EXPECT_EQ(slow.outcome(), "ok");
  EXPECT_EQ(slow.required, 3u);
  EXPECT_EQ(slow.responded, 3u);
  EXPECT_THAT(slow.awaited_nodes, IsEmpty());
  EXPECT_EQ(slow.peer, "peer-1");
  EXPECT_EQ(slow.request_id, kUuid);
  EXPECT_EQ(slow_.slow_operations(), 1u);
}

TEST_F(SlowOperationTest, TheNodesThatHadNotAnsweredAreNamed) {
  replicas_.MakeDeaf(1, true);
  replicas_.MakeDeaf(2, true);
  AskSlowly(Request(OperationKind::kSet, "v"), absl::Seconds(2));

  ASSERT_EQ(Kept().size(), 1u);
  EXPECT_EQ(Kept()[0].reason, "OUTCOME_UNKNOWN");
  EXPECT_EQ(Kept()[0].outcome(), "unknown");
  EXPECT_THAT(Kept()[0].awaited_nodes, ElementsAre("n1", "n2", "n3"));
}

TEST_F(SlowOperationTest, AReadThatWasHedgedNamesTheNodeItDidNotHear) {
  (void)Ask(Request(OperationKind::kSet, "v"));
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  slow_.Execute(Request(OperationKind::kGet), *this, 0);
  loop_.Advance(replicas_.hedge_delay + absl::Milliseconds(1));
  replicas_.MakeDeaf(1, false);
  replicas_.DeliverAll();

  ASSERT_EQ(Kept().size(), 1u);
  EXPECT_EQ(Kept()[0].operation, "get");
  EXPECT_EQ(Kept()[0].outcome(), "ok");
  EXPECT_THAT(Kept()[0].awaited_nodes, ElementsAre("n1"));
}

TEST_F(SlowOperationTest, AWriteWhoseTurnNeverCameWasNotSent) {
  replicas_.MakeDeaf(0, true);
  replicas_.MakeDeaf(1, true);
  replicas_.MakeDeaf(2, true);
  CacheRequest request = Request(OperationKind::kIncrement);
  request.request_id = kUuid;
  request.timeout = absl::Milliseconds(500);
  CacheRequest second = request;
  second.timeout = absl::Milliseconds(100);
  slow_.Execute(std::move(request), *this, 0);
  slow_.Execute(std::move(second), *this, 1);
  loop_.Advance(absl::Milliseconds(101));

  ASSERT_EQ(Kept().size(), 1u);
  EXPECT_EQ(Kept()[0].reason, "DEADLINE_EXCEEDED");
  EXPECT_EQ(Kept()[0].outcome(), "not_applied");
  EXPECT_EQ(Kept()[0].rounds, 0u);
  EXPECT_EQ(Kept()[0].token, hash::TokenOf("default", "k"));
}

TEST_F(SlowOperationTest, ReadsFromOtherThreadsComeThroughTheLoop) {
  AskSlowly(Request(OperationKind::kSet, "v"), absl::Milliseconds(6));
  SlowLogView view;

  slow_.ReadSlowLog({.reset = true}, [&view](SlowLogView read) { view = std::move(read); });
  EXPECT_EQ(view.total, 0u);
  loop_.RunPosted();

  EXPECT_EQ(view.total, 1u);
  EXPECT_EQ(view.coordinator, "c1");
  ASSERT_EQ(view.operations.size(), 1u);
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(SlowOperationTest, HttpRequestsAreKnownByTheirRequestId) {
  CacheRequest request = Request(OperationKind::kSet, "v");
  request.caller = std::make_shared<const Caller>(Caller{"1.2.3.4:5", "trace-7"});
  request.request_id = kUuid;
  slow_.Submit(std::move(request), [](CacheResponse) {});
  loop_.RunPosted();
  loop_.Advance(absl::Milliseconds(6));
  replicas_.DeliverAll();

  ASSERT_EQ(Kept().size(), 1u);
  EXPECT_EQ(Kept()[0].peer, "1.2.3.4:5");
  EXPECT_EQ(Kept()[0].request_id, "trace-7");
}

TEST(SlowScanTest, APageOfAScanIsKnownByItsPrefix) {
  const base::Now now{base::MonotonicTime::FromNanos(9'000'000), 77};
  ScanPage page;
  page.error.code = absl::StatusCode::kUnavailable;
  page.error.reason = "QUORUM_UNREACHABLE";

  const SlowOperation slow = DescribeSlowScan(model::Key{"ns", "users:"}, page,
                                              base::MonotonicTime::FromNanos(2'000'000), now);

  EXPECT_EQ(slow.operation, "scan");
  EXPECT_EQ(slow.key, "use...(6 bytes)");
  EXPECT_EQ(slow.namespace_name, "ns");
  EXPECT_EQ(slow.duration, absl::Milliseconds(7));
  EXPECT_EQ(slow.ended_at_ms, 77u);
  EXPECT_EQ(slow.reason, "QUORUM_UNREACHABLE");
  EXPECT_EQ(slow.outcome(), "not_applied");
}

}  // namespace
}  // namespace quorumcache::service
