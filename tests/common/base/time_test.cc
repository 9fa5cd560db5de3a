// SPDX-License-Identifier: Apache-2.0
#include "common/base/time.h"

#include "gtest/gtest.h"

namespace quorumcache::base {
namespace {

TEST(MonotonicTimeTest, LaterIsGreater) {
  EXPECT_LT(MonotonicTime::FromNanos(1), MonotonicTime::FromNanos(2));
  EXPECT_LT(MonotonicTime::FromNanos(2), MonotonicTime::Infinite());
}

TEST(MonotonicTimeTest, SumAndDifferenceAreInverse) {
  const MonotonicTime start = MonotonicTime::FromNanos(5);

  const MonotonicTime later = start + absl::Milliseconds(3);

  EXPECT_EQ(later.nanos(), 3'000'005);
  EXPECT_EQ(later - start, absl::Milliseconds(3));
  EXPECT_EQ(start - later, absl::Milliseconds(-3));
}

TEST(MonotonicTimeTest, SumSaturatesInsteadOfWrappingRound) {
  const MonotonicTime late = MonotonicTime::FromNanos(1);

  EXPECT_EQ(late + absl::InfiniteDuration(), MonotonicTime::Infinite());
  EXPECT_EQ(MonotonicTime::Infinite() + absl::Seconds(1), MonotonicTime::Infinite());
}

}  // namespace
}  // namespace quorumcache::base
