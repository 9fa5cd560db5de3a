// SPDX-License-Identifier: Apache-2.0
#include "common/model/hlc.h"

#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

TEST(HybridClockTest, FollowsTheWall) {
  HybridClock clock;

  EXPECT_EQ(clock.Next(100), HlcFromMillis(100));
  EXPECT_EQ(HlcMillis(clock.Next(250)), 250);
}

TEST(HybridClockTest, NeverRepeatsWithinAMillisecond) {
  HybridClock clock;
  uint64_t last = clock.Next(100);
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t next = clock.Next(100);
    ASSERT_GT(next, last);
    last = next;
  }
  EXPECT_EQ(HlcMillis(last), 100);
}

TEST(HybridClockTest, CounterCarriesIntoTheMilliseconds) {
  HybridClock clock;
  clock.Next(100);
  for (int i = 0; i < 1 << kHlcCounterBits; ++i) clock.Next(100);

  EXPECT_EQ(HlcMillis(clock.last()), 101);
}

TEST(HybridClockTest, GoesOnWhenTheWallGoesBack) {
  HybridClock clock;
  clock.Next(500);

  EXPECT_EQ(clock.Next(400), HlcFromMillis(500) + 1);
}

TEST(HybridClockTest, IsAboveWhatItHasObserved) {
  HybridClock clock;
  clock.Next(100);

  clock.Observe(HlcFromMillis(300));

  EXPECT_EQ(clock.last(), HlcFromMillis(300));
  EXPECT_GT(clock.Next(100), HlcFromMillis(300));
}

TEST(HybridClockTest, ObservingThePastChangesNothing) {
  HybridClock clock;
  clock.Next(300);

  clock.Observe(HlcFromMillis(100));

  EXPECT_EQ(clock.last(), HlcFromMillis(300));
}

}  // namespace
}  // namespace quorumcache::model
