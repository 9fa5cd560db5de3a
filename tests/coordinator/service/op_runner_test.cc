// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/op_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "coordinator/quorum/make_operation.h"
#include "tests/coordinator/service/fake_replicas.h"
#include "tests/coordinator/service/manual_loop.h"

namespace quorumcache::service {
namespace {

using model::ReplyStatus;
using quorum::OpError;

// Keeps the results, in the order of finishing.
class Results final : public OpRunner::Listener {
 public:
  void OnFinished(OpRunner::Job& job) override {
    cookies.push_back(job.cookie);
    results.push_back(std::move(job.operation->result()));
    if (then != nullptr) std::exchange(then, nullptr)();
  }
  std::vector<uint64_t> cookies;
  std::vector<quorum::OpResult> results;
  std::function<void()> then;
};

class OpRunnerTest : public ::testing::Test {
 protected:
  void TearDown() override { runner_.ExpireAll(); }

  OpRunner::Job MakeJob(uint64_t cookie, absl::Duration timeout) {
    OpRunner::Job job;
    job.listener = &results_;
    job.cookie = cookie;
    job.deadline = loop_.now().monotonic + timeout;
    job.links = {0, 1, 2};
    return job;
  }

  quorum::OperationContext MakeContext(const OpRunner::Job& job) {
    quorum::OperationContext context;
    context.clock = &clock_;
    context.random = &random_;
    context.proposer = 7;
    context.replicas.epoch = 1;
    context.replicas.slot_count = 3;
    for (uint8_t i = 0; i < 3; ++i) {
      context.replicas.replicas.push_back(model::Replica{i, i});
      if (!replicas_.IsUp(i)) context.unreachable |= quorum::Bit(i);
    }
    context.deadline = job.deadline;
    return context;
  }

  void Set(const std::string& key, const std::string& value, uint64_t cookie = 0) {
    OpRunner::Job job = MakeJob(cookie, absl::Seconds(1));
    quorum::Mutation mutation;
    mutation.value = value;
    job.operation = quorum::MakeMutation(MakeContext(job), {"default", key}, mutation);
    runner_.Start(std::move(job));
  }

  void Get(const std::string& key, uint64_t cookie = 0) {
    OpRunner::Job job = MakeJob(cookie, absl::Seconds(1));
    job.operation = quorum::MakeRead(MakeContext(job), {"default", key}, replicas_.hedge_delay);
    runner_.Start(std::move(job));
  }

  ManualLoop loop_;
  FakeReplicas replicas_{3};
  model::HybridClock clock_;
  base::Random random_{1};
  Results results_;
  OpRunner runner_{loop_, replicas_, clock_};
};

TEST_F(OpRunnerTest, WriteIsAnsweredAtTheSecondAck) {
  Set("k", "v");
  EXPECT_EQ(runner_.unanswered(), 1);

  replicas_.DeliverOne(0);
  EXPECT_TRUE(results_.results.empty());
  replicas_.DeliverOne(2);

  ASSERT_EQ(results_.results.size(), 1);
  EXPECT_EQ(results_.results[0].error, OpError::kNone);
  EXPECT_EQ(runner_.unanswered(), 0);
  EXPECT_EQ(loop_.timers(), 0);
}

TEST_F(OpRunnerTest, ReadSeesWhatWasWritten) {
  Set("k", "v");
  replicas_.DeliverAll();
  Get("k");
  replicas_.DeliverAll();

  ASSERT_EQ(results_.results.size(), 2);
  EXPECT_TRUE(results_.results[1].found);
  EXPECT_EQ(results_.results[1].record.value, "v");
}

TEST_F(OpRunnerTest, ReplicasAreToldTheHlcOfTheOperation) {
  Set("k", "v");

  EXPECT_EQ(replicas_.last_hlc(), clock_.last());
  EXPECT_GE(model::HlcMillis(replicas_.last_hlc()), loop_.now().wall_ms);
}

TEST_F(OpRunnerTest, LateReplyIsCountedAndIgnored) {
  Set("k", "v");
  replicas_.DeliverOne(0);
  replicas_.DeliverOne(1);
  ASSERT_EQ(results_.results.size(), 1);

  replicas_.DeliverOne(2);

  EXPECT_EQ(runner_.counters().late_replies, 1);
  EXPECT_TRUE(replicas_.Holds(2, "default/k", "v"));
}

TEST_F(OpRunnerTest, SlowReplicaIsHedged) {
  Set("k", "v");
  replicas_.DeliverAll();
  replicas_.MakeDeaf(0, true);
  Get("k");
  replicas_.DeliverAll();
  EXPECT_EQ(results_.results.size(), 1);

  loop_.Advance(absl::Milliseconds(12));
  replicas_.DeliverAll();

  ASSERT_EQ(results_.results.size(), 2);
  EXPECT_EQ(results_.results[1].record.value, "v");
  EXPECT_EQ(runner_.counters().hedges, 1);
}

TEST_F(OpRunnerTest, OneNodeDownIsNotNoticed) {
  replicas_.TakeDown(1);
  Set("k", "v");
  replicas_.DeliverAll();
  Get("k");
  replicas_.DeliverAll();

  ASSERT_EQ(results_.results.size(), 2);
  EXPECT_EQ(results_.results[0].error, OpError::kNone);
  EXPECT_EQ(results_.results[1].record.value, "v");
}

TEST_F(OpRunnerTest, TwoNodesDownIsAnsweredAtOnceAndNothingIsSent) {
  replicas_.TakeDown(1);
  replicas_.TakeDown(2);
  Set("k", "v");

  ASSERT_EQ(results_.results.size(), 1);
  EXPECT_EQ(results_.results[0].error, OpError::kQuorumUnreachable);
  EXPECT_EQ(results_.results[0].outcome, quorum::Outcome::kNotApplied);
  EXPECT_EQ(replicas_.sent(0), 0);
}

TEST_F(OpRunnerTest, NoAnswerInTimeIsUnknown) {
  replicas_.MakeDeaf(1, true);
  replicas_.MakeDeaf(2, true);
  Set("k", "v");
  replicas_.DeliverAll();

  loop_.Advance(absl::Milliseconds(1002));

  ASSERT_EQ(results_.results.size(), 1);
  EXPECT_EQ(results_.results[0].error, OpError::kOutcomeUnknown);
  EXPECT_EQ(results_.results[0].outcome, quorum::Outcome::kUnknown);
  EXPECT_EQ(results_.results[0].responded, 1);
}

TEST_F(OpRunnerTest, ListenerMayStartTheNextOperation) {
  results_.then = [this] { Get("k", 2); };
  Set("k", "v", 1);
  replicas_.DeliverAll();

  EXPECT_EQ(results_.cookies, (std::vector<uint64_t>{1, 2}));
}

TEST_F(OpRunnerTest, ManyOperationsEachAnsweredOnce) {
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) Set("k" + std::to_string(i % 50), "v", i);
  replicas_.DeliverAll();
  loop_.Advance(absl::Seconds(2));
  replicas_.DeliverAll();

  std::vector<uint64_t> cookies = results_.cookies;
  std::sort(cookies.begin(), cookies.end());
  ASSERT_EQ(cookies.size(), kCount);
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(cookies[i], i);
  EXPECT_EQ(runner_.unanswered(), 0);
}

TEST_F(OpRunnerTest, ExpireAllAnswersEverything) {
  for (LinkId link = 0; link < 3; ++link) replicas_.MakeDeaf(link, true);
  for (int i = 0; i < 10; ++i) Set("k", "v", i);
  for (int i = 0; i < 10; ++i) Get("k", 10 + i);

  runner_.ExpireAll();

  EXPECT_EQ(results_.results.size(), 20);
  EXPECT_EQ(runner_.unanswered(), 0);
}

TEST_F(OpRunnerTest, ReadPassesOverARefusingReplica) {
  Set("k", "v");
  replicas_.DeliverAll();
  replicas_.RefuseNext(0, ReplyStatus::kUnavailable, 1);
  Get("k");
  replicas_.DeliverAll();

  ASSERT_EQ(results_.results.size(), 2);
  EXPECT_EQ(results_.results[1].record.value, "v");
}

}  // namespace
}  // namespace quorumcache::service
