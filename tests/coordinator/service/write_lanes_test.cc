// SPDX-License-Identifier: Apache-2.0
// Lanes of many keys: who goes, who waits, who is told that time is up.
#include "coordinator/service/write_lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "tests/coordinator/service/manual_loop.h"

namespace quorumcache::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kToken = 17;

class WriteLanesTest : public ::testing::Test, protected WriteLanes::Listener {
 protected:
  void TearDown() override { lanes_.ExpireAll(); }

  void OnTurn(WriteLanes::Write&& write) override {
    turns_.push_back(write.job.cookie);
    inside_.push_back(std::move(write.job));
    if (on_turn_) on_turn_();
  }
  void OnTimeUp(WriteLanes::Write& write) override { late_.push_back(write.job.cookie); }

  WriteLanes::Verdict Enter(uint64_t cookie, bool blind, uint64_t token = kToken) {
    WriteLanes::Write write;
    write.job.cookie = cookie;
    write.job.deadline = loop_.now().monotonic + absl::Milliseconds(100);
    if (!blind) write.mutation.condition.kind = quorum::ConditionKind::kIfAbsent;
    const WriteLanes::Verdict verdict = lanes_.Enter(token, write);
    if (verdict == WriteLanes::Verdict::kGo) inside_.push_back(std::move(write.job));
    return verdict;
  }
  // Who entered first leaves.
  void LeaveFirst() {
    const OpRunner::Job job = std::move(inside_.front());
    inside_.erase(inside_.begin());
    lanes_.Leave(job);
  }

  ManualLoop loop_;
  WriteLanes lanes_{loop_, *this};
  std::vector<OpRunner::Job> inside_;
  std::vector<uint64_t> turns_;
  std::vector<uint64_t> late_;
  std::function<void()> on_turn_;
};

TEST_F(WriteLanesTest, TurnsComeInOrder) {
  EXPECT_EQ(Enter(1, false), WriteLanes::Verdict::kGo);
  EXPECT_EQ(Enter(2, false), WriteLanes::Verdict::kWait);
  EXPECT_EQ(Enter(3, false), WriteLanes::Verdict::kWait);
  EXPECT_TRUE(lanes_.HasFollowers(inside_[0]));

  LeaveFirst();
  LeaveFirst();

  EXPECT_THAT(turns_, ElementsAre(2, 3));
  EXPECT_FALSE(lanes_.HasFollowers(inside_[0]));
}

TEST_F(WriteLanesTest, KeysDoNotWaitForEachOther) {
  EXPECT_EQ(Enter(1, false, 1), WriteLanes::Verdict::kGo);
  EXPECT_EQ(Enter(2, false, 2), WriteLanes::Verdict::kGo);
}

TEST_F(WriteLanesTest, QuietKeyLeavesNothingBehind) {
  ASSERT_EQ(Enter(1, true), WriteLanes::Verdict::kGo);
  ASSERT_EQ(Enter(2, true), WriteLanes::Verdict::kGo);
  LeaveFirst();
  LeaveFirst();

  EXPECT_EQ(lanes_.lanes(), 0u);
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(WriteLanesTest, DeadlinePassesWhileWaiting) {
  ASSERT_EQ(Enter(1, false), WriteLanes::Verdict::kGo);
  ASSERT_EQ(Enter(2, false), WriteLanes::Verdict::kWait);

  loop_.Advance(absl::Milliseconds(99));
  EXPECT_THAT(late_, IsEmpty());
  loop_.Advance(absl::Milliseconds(3));

  EXPECT_THAT(late_, ElementsAre(2));
  LeaveFirst();
  EXPECT_THAT(turns_, IsEmpty());
  EXPECT_EQ(lanes_.lanes(), 0u);
}

TEST_F(WriteLanesTest, TurnStopsTheClockOfWaiting) {
  ASSERT_EQ(Enter(1, false), WriteLanes::Verdict::kGo);
  ASSERT_EQ(Enter(2, false), WriteLanes::Verdict::kWait);
  LeaveFirst();

  loop_.Advance(absl::Seconds(1));

  EXPECT_THAT(late_, IsEmpty());
  LeaveFirst();
}

TEST_F(WriteLanesTest, OneThatGivesUpLetsThoseBehindGo) {
  ASSERT_EQ(Enter(1, true), WriteLanes::Verdict::kGo);
  ASSERT_EQ(Enter(2, false), WriteLanes::Verdict::kWait);
  loop_.Advance(absl::Milliseconds(60));
  ASSERT_EQ(Enter(3, true), WriteLanes::Verdict::kWait);

  loop_.Advance(absl::Milliseconds(60));

  EXPECT_THAT(late_, ElementsAre(2));
  EXPECT_THAT(turns_, ElementsAre(3));
}

TEST_F(WriteLanesTest, FullQueueRefusesAndLeavesTheWriteAlone) {
  ASSERT_EQ(Enter(1, false), WriteLanes::Verdict::kGo);
  for (size_t i = 0; i < limits::kKeyQueueMax; ++i) {
    ASSERT_EQ(Enter(2 + i, false), WriteLanes::Verdict::kWait);
  }
  WriteLanes::Write write;
  write.key.bytes = "k";
  write.mutation.condition.kind = quorum::ConditionKind::kIfAbsent;

  EXPECT_EQ(lanes_.Enter(kToken, write), WriteLanes::Verdict::kFull);

  EXPECT_EQ(write.key.bytes, "k");
  EXPECT_FALSE(write.job.lane.entered);
}

TEST_F(WriteLanesTest, ContendedKeyIsRememberedForAWhile) {
  ASSERT_EQ(Enter(1, true), WriteLanes::Verdict::kGo);
  lanes_.OnContention(inside_[0]);
  LeaveFirst();

  ASSERT_EQ(Enter(2, true), WriteLanes::Verdict::kGo);
  EXPECT_TRUE(inside_[0].lane.pass.exclusive);
  EXPECT_EQ(Enter(3, true), WriteLanes::Verdict::kWait);
  LeaveFirst();
  LeaveFirst();

  loop_.Advance(quorum::kContendedFor + absl::Milliseconds(1));
  ASSERT_EQ(Enter(4, true), WriteLanes::Verdict::kGo);
  EXPECT_FALSE(inside_[0].lane.pass.exclusive);
  LeaveFirst();
  EXPECT_EQ(lanes_.lanes(), 0u);
}

TEST_F(WriteLanesTest, LanesOfKeysThatWereContendedAreForgotten) {
  for (uint64_t token = 0; token < 100; ++token) {
    ASSERT_EQ(Enter(token, true, token), WriteLanes::Verdict::kGo);
    lanes_.OnContention(inside_[0]);
    LeaveFirst();
  }
  EXPECT_EQ(lanes_.lanes(), 100u);

  loop_.Advance(quorum::kContendedFor + absl::Seconds(1));
  ASSERT_EQ(Enter(1, true, 1'000), WriteLanes::Verdict::kGo);
  lanes_.OnContention(inside_[0]);

  EXPECT_EQ(lanes_.lanes(), 1u);
  LeaveFirst();
}

TEST_F(WriteLanesTest, RememberedKeysAreBounded) {
  for (uint64_t token = 0; token < limits::kContendedKeysMax + 50; ++token) {
    ASSERT_EQ(Enter(token, true, token), WriteLanes::Verdict::kGo);
    lanes_.OnContention(inside_[0]);
    LeaveFirst();
  }

  EXPECT_EQ(lanes_.lanes(), limits::kContendedKeysMax);
}

TEST_F(WriteLanesTest, WritesThatEndWithinTheirTurnDoNotPileUp) {
  // As where too few replicas are up: a thousand that wait must not become a thousand stack frames.
  ASSERT_EQ(Enter(0, false), WriteLanes::Verdict::kGo);
  for (uint64_t i = 1; i <= limits::kKeyQueueMax; ++i) {
    ASSERT_EQ(Enter(i, false), WriteLanes::Verdict::kWait);
  }
  int depth = 0;
  int deepest = 0;
  on_turn_ = [&] {
    deepest = std::max(deepest, ++depth);
    LeaveFirst();
    --depth;
  };

  LeaveFirst();

  EXPECT_EQ(turns_.size(), limits::kKeyQueueMax);
  EXPECT_EQ(deepest, 1);
  EXPECT_EQ(lanes_.lanes(), 0u);
}

TEST_F(WriteLanesTest, ExpireAllTellsEveryoneWhoWaits) {
  ASSERT_EQ(Enter(1, false), WriteLanes::Verdict::kGo);
  ASSERT_EQ(Enter(2, false), WriteLanes::Verdict::kWait);
  ASSERT_EQ(Enter(3, true), WriteLanes::Verdict::kWait);

  lanes_.ExpireAll();

  EXPECT_THAT(late_, ::testing::UnorderedElementsAre(2, 3));
  EXPECT_EQ(lanes_.waiting(), 0u);
}

}  // namespace
}  // namespace quorumcache::service
