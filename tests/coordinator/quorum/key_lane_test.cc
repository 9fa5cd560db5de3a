// SPDX-License-Identifier: Apache-2.0
// The order of the writes of one key.
#include "coordinator/quorum/key_lane.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "common/base/random.h"
#include "tests/support/seed.h"

namespace quorumcache::quorum {
namespace {

constexpr bool kBlind = true;
constexpr bool kConditional = false;

class KeyLaneTest : public testing::Test {
 protected:
  // Whether it could enter at once; otherwise it waits under `ticket`.
  bool Arrive(KeyLane::Ticket ticket, bool blind) {
    if (lane_.MustWait(blind, now_)) {
      lane_.Wait(ticket, blind);
      return false;
    }
    passes_.push_back(lane_.Enter(blind, now_));
    return true;
  }
  // 0: nobody may go.
  KeyLane::Ticket Next() {
    const std::optional<KeyLane::Admitted> next = lane_.Next(now_);
    if (!next) return 0;
    passes_.push_back(next->pass);
    return next->ticket;
  }
  // The one that entered first leaves.
  void LeaveFirst() {
    lane_.Leave(passes_.front());
    passes_.pop_front();
  }

  base::MonotonicTime now_ = base::MonotonicTime::FromNanos(1'000);
  KeyLane lane_;
  std::deque<LanePass> passes_;
};

TEST_F(KeyLaneTest, ConditionalWritesGoOneAtATimeInTheirOrder) {
  EXPECT_TRUE(Arrive(1, kConditional));
  EXPECT_FALSE(Arrive(2, kConditional));
  EXPECT_FALSE(Arrive(3, kConditional));
  EXPECT_EQ(Next(), 0u);

  LeaveFirst();
  EXPECT_EQ(Next(), 2u);
  EXPECT_EQ(Next(), 0u);
  LeaveFirst();
  EXPECT_EQ(Next(), 3u);
  LeaveFirst();
  EXPECT_TRUE(lane_.idle());
}

TEST_F(KeyLaneTest, OnlyWhoHasWaitedFollows) {
  ASSERT_TRUE(Arrive(1, kConditional));
  EXPECT_FALSE(passes_.front().follows);
  ASSERT_FALSE(Arrive(2, kConditional));

  LeaveFirst();
  ASSERT_EQ(Next(), 2u);
  EXPECT_TRUE(passes_.front().follows);
  LeaveFirst();

  ASSERT_TRUE(Arrive(3, kConditional));
  EXPECT_FALSE(passes_.front().follows);
}

TEST_F(KeyLaneTest, BlindWritesGoTogetherUpToTheirBound) {
  for (uint32_t i = 0; i < limits::kKeyBlindWritesMax; ++i) EXPECT_TRUE(Arrive(i + 1, kBlind));
  EXPECT_FALSE(Arrive(99, kBlind));

  LeaveFirst();

  EXPECT_EQ(Next(), 99u);
  EXPECT_EQ(Next(), 0u);
}

TEST_F(KeyLaneTest, BlindWritesOfAQuietKeyAreNotExclusive) {
  ASSERT_TRUE(Arrive(1, kBlind));
  EXPECT_FALSE(passes_.front().exclusive);
}

TEST_F(KeyLaneTest, BlindWriteDoesNotOvertakeAConditionalOneThatWaits) {
  ASSERT_TRUE(Arrive(1, kBlind));
  EXPECT_FALSE(Arrive(2, kConditional));
  EXPECT_FALSE(Arrive(3, kBlind));
  EXPECT_EQ(Next(), 0u);

  LeaveFirst();
  EXPECT_EQ(Next(), 2u);
  EXPECT_EQ(Next(), 0u);
  LeaveFirst();
  EXPECT_EQ(Next(), 3u);
}

TEST_F(KeyLaneTest, BlindWritesOfAContendedKeyGoAlone) {
  lane_.OnContention(now_);

  EXPECT_TRUE(Arrive(1, kBlind));
  EXPECT_FALSE(Arrive(2, kBlind));

  EXPECT_TRUE(passes_.front().exclusive);
  LeaveFirst();
  EXPECT_EQ(Next(), 2u);
  EXPECT_TRUE(passes_.front().exclusive);
}

TEST_F(KeyLaneTest, WriteThatWaitedGoesAloneWhereTheKeyBecameContendedMeanwhile) {
  ASSERT_TRUE(Arrive(1, kConditional));
  ASSERT_FALSE(Arrive(2, kBlind));
  lane_.OnContention(now_);

  LeaveFirst();

  EXPECT_EQ(Next(), 2u);
  EXPECT_TRUE(passes_.front().exclusive);
}

TEST_F(KeyLaneTest, ContentionIsForgottenAfterItsTime) {
  lane_.OnContention(now_);
  now_ = now_ + (kContendedFor - absl::Nanoseconds(1));
  EXPECT_TRUE(lane_.contended(now_));
  now_ = now_ + absl::Nanoseconds(1);
  EXPECT_FALSE(lane_.contended(now_));

  EXPECT_TRUE(Arrive(1, kBlind));
  EXPECT_TRUE(Arrive(2, kBlind));
}

TEST_F(KeyLaneTest, WhoeverGivesUpIsSkipped) {
  ASSERT_TRUE(Arrive(1, kConditional));
  for (KeyLane::Ticket ticket = 2; ticket <= 5; ++ticket)
    ASSERT_FALSE(Arrive(ticket, kConditional));

  EXPECT_TRUE(lane_.Abandon(2));
  EXPECT_TRUE(lane_.Abandon(4));
  EXPECT_FALSE(lane_.Abandon(4));
  EXPECT_FALSE(lane_.Abandon(1));

  LeaveFirst();
  EXPECT_EQ(Next(), 3u);
  LeaveFirst();
  EXPECT_EQ(Next(), 5u);
}

TEST_F(KeyLaneTest, ThoseBehindOneThatGaveUpMayGo) {
  ASSERT_TRUE(Arrive(1, kBlind));
  ASSERT_FALSE(Arrive(2, kConditional));
  ASSERT_FALSE(Arrive(3, kBlind));

  ASSERT_TRUE(lane_.Abandon(2));

  EXPECT_EQ(Next(), 3u);
}

TEST_F(KeyLaneTest, QueueIsBounded) {
  ASSERT_TRUE(Arrive(1, kConditional));
  for (size_t i = 0; i < limits::kKeyQueueMax; ++i) {
    ASSERT_FALSE(lane_.full());
    ASSERT_FALSE(Arrive(i + 2, kConditional));
  }
  EXPECT_TRUE(lane_.full());

  LeaveFirst();
  EXPECT_EQ(Next(), 2u);
  EXPECT_FALSE(lane_.full());
}

// What a lane promises, held against a list that does the same slowly.
TEST_F(KeyLaneTest, RandomTrafficKeepsTheOrderAndTheRules) {
  const uint64_t seed = support::TestSeed();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  std::deque<KeyLane::Ticket> expected;
  std::vector<LanePass> inside;
  KeyLane::Ticket next_ticket = 1;
  const auto check = [&] {
    size_t alone = 0;
    for (const LanePass& pass : inside) alone += pass.exclusive ? 1 : 0;
    ASSERT_LE(alone, 1u);
    ASSERT_TRUE(alone == 0 || inside.size() == 1) << "an exclusive write is alone";
    ASSERT_LE(inside.size(), limits::kKeyBlindWritesMax);
    ASSERT_EQ(lane_.waiting(), expected.size());
  };
  for (int step = 0; step < 20'000; ++step) {
    now_ = now_ + absl::Milliseconds(1);
    const uint64_t what = random.Uniform(100);
    if (what < 45 && !lane_.full()) {
      const bool blind = random.Uniform(4) != 0;
      const KeyLane::Ticket ticket = next_ticket++;
      if (lane_.MustWait(blind, now_)) {
        lane_.Wait(ticket, blind);
        expected.push_back(ticket);
      } else {
        ASSERT_TRUE(expected.empty()) << "nobody overtakes";
        inside.push_back(lane_.Enter(blind, now_));
      }
    } else if (what < 93 && !inside.empty()) {
      const size_t who = random.Uniform(inside.size());
      lane_.Leave(inside[who]);
      inside.erase(inside.begin() + static_cast<int64_t>(who));
    } else if (what < 97 && !expected.empty()) {
      const size_t who = random.Uniform(expected.size());
      ASSERT_TRUE(lane_.Abandon(expected[who]));
      expected.erase(expected.begin() + static_cast<int64_t>(who));
    } else if (what == 99) {
      lane_.OnContention(now_);
    }
    while (const std::optional<KeyLane::Admitted> next = lane_.Next(now_)) {
      ASSERT_FALSE(expected.empty());
      ASSERT_EQ(next->ticket, expected.front());
      expected.pop_front();
      inside.push_back(next->pass);
    }
    check();
    ASSERT_TRUE(!inside.empty() || expected.empty()) << "nobody waits for nothing";
  }
}

}  // namespace
}  // namespace quorumcache::quorum
