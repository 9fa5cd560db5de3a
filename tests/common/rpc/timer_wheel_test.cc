// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/timer_wheel.h"

#include <functional>
#include <memory>
#include <vector>

#include "common/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::rpc {
namespace {

using base::MonotonicTime;
using testing::ElementsAre;

MonotonicTime Ms(int64_t ms) {
  return MonotonicTime::FromNanos(ms * 1'000'000);
}

class TestTimer final : public Timer {
 public:
  explicit TestTimer(std::function<void()> action) : action_(std::move(action)) {}
  void OnTimer() override { action_(); }

 private:
  std::function<void()> action_;
};

TEST(TimerWheelTest, FiresNeverBeforeAndAtMostOneMillisecondAfter) {
  TimerWheel wheel(Ms(0));
  int fired = 0;
  TestTimer timer([&] { ++fired; });

  wheel.Arm(timer, MonotonicTime::FromNanos(10'000'001));
  wheel.Advance(Ms(10));
  EXPECT_EQ(fired, 0);
  wheel.Advance(Ms(11));

  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.armed());
}

TEST(TimerWheelTest, FiresInOrderOfTimeWithinOneAdvance) {
  TimerWheel wheel(Ms(0));
  std::vector<int> order;
  TestTimer late([&] { order.push_back(30); }), early([&] { order.push_back(10); });

  wheel.Arm(late, Ms(30));
  wheel.Arm(early, Ms(10));
  wheel.Advance(Ms(100));

  EXPECT_THAT(order, ElementsAre(10, 30));
}

TEST(TimerWheelTest, CancelledAndDestroyedTimersDoNotFire) {
  TimerWheel wheel(Ms(0));
  int fired = 0;
  TestTimer cancelled([&] { ++fired; });
  auto destroyed = std::make_unique<TestTimer>([&] { ++fired; });

  wheel.Arm(cancelled, Ms(5));
  wheel.Arm(*destroyed, Ms(5));
  wheel.Cancel(cancelled);
  destroyed.reset();
  wheel.Advance(Ms(50));

  EXPECT_EQ(fired, 0);
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(wheel.NextDeadline(), MonotonicTime::Infinite());
}

TEST(TimerWheelTest, ATimerMayCancelAnotherOneThatIsDueWithIt) {
  TimerWheel wheel(Ms(0));
  int fired = 0;
  TestTimer second([&] { ++fired; });
  TestTimer first([&] { wheel.Cancel(second); });

  wheel.Arm(first, Ms(5));
  wheel.Arm(second, Ms(5));
  wheel.Advance(Ms(5));

  EXPECT_EQ(fired, 0);
}

TEST(TimerWheelTest, ATimerThatArmsItselfAtOnceWaitsForTheNextAdvance) {
  TimerWheel wheel(Ms(0));
  int fired = 0;
  TestTimer* self = nullptr;
  TestTimer timer([&] {
    ++fired;
    wheel.Arm(*self, Ms(0));
  });
  self = &timer;

  wheel.Arm(timer, Ms(1));
  wheel.Advance(Ms(5));
  EXPECT_EQ(fired, 1);
  wheel.Advance(Ms(6));

  EXPECT_EQ(fired, 2);
}

TEST(TimerWheelTest, TimersBeyondOneTurnOfTheWheelWaitTheirTurn) {
  TimerWheel wheel(Ms(0));
  int fired = 0;
  TestTimer timer([&] { ++fired; });

  wheel.Arm(timer, Ms(10'000));
  for (int64_t ms = 0; ms < 10'000; ms += 7) wheel.Advance(Ms(ms));
  EXPECT_EQ(fired, 0);
  wheel.Advance(Ms(10'000));

  EXPECT_EQ(fired, 1);
}

// Against the obvious implementation: a list of (time, timer), looked through at each step.
TEST(TimerWheelTest, AgreesWithAPlainListOverRandomSchedules) {
  base::Random random(support::TestSeed());
  constexpr int kTimers = 50;
  TimerWheel wheel(Ms(1'000));
  std::vector<int64_t> due(kTimers, -1);  // -1: not armed
  int64_t now = 1'000;
  std::vector<std::unique_ptr<TestTimer>> timers;
  for (int i = 0; i < kTimers; ++i) {
    timers.push_back(std::make_unique<TestTimer>([&, i] {
      ASSERT_NE(due[i], -1) << "timer " << i << " fired unarmed";
      ASSERT_LE(due[i], now);
      due[i] = -1;
    }));
  }

  for (int step = 0; step < 20'000; ++step) {
    const int i = static_cast<int>(random.Uniform(kTimers));
    if (random.OneIn(4)) {
      wheel.Cancel(*timers[i]);
      due[i] = -1;
    } else {
      due[i] = std::max(now + 1, now + static_cast<int64_t>(random.Uniform(9'000)) - 10);
      wheel.Arm(*timers[i], Ms(due[i]));
    }
    int64_t earliest = INT64_MAX;
    for (const int64_t at : due) earliest = at == -1 ? earliest : std::min(earliest, at);
    if (earliest != INT64_MAX) {
      ASSERT_LE(wheel.NextDeadline(), Ms(earliest));
    }
    now += random.OneIn(100) ? random.Uniform(9'000) : random.Uniform(5);
    wheel.Advance(Ms(now));
    for (int k = 0; k < kTimers; ++k) ASSERT_TRUE(due[k] == -1 || due[k] > now) << k;
  }
  for (auto& timer : timers) wheel.Cancel(*timer);
}

}  // namespace
}  // namespace quorumcache::rpc
