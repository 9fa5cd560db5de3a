// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/slow_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"

namespace quorumcache::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

constexpr absl::Duration kThreshold = absl::Milliseconds(100);

base::MonotonicTime At(absl::Duration time) {
  return base::MonotonicTime::FromNanos(0) + time;
}

SlowOperation Slow(const std::string& key) {
  SlowOperation slow;
  slow.operation = "get";
  slow.namespace_name = "default";
  slow.key = key;
  slow.consistency = model::Consistency::kQuorum;
  slow.duration = absl::Milliseconds(150);
  slow.rounds = 1;
  return slow;
}

class SlowLogTest : public testing::Test {
 protected:
  std::vector<std::string> Keys(SlowLogRequest request = {}) {
    std::vector<std::string> keys;
    for (const SlowOperation& slow : log_.Read(request).operations) keys.push_back(slow.key);
    return keys;
  }

  SlowLog log_{{kThreshold, "c1"}};
};

TEST_F(SlowLogTest, SlowIsWhatTakesLongerThanTheThreshold) {
  EXPECT_FALSE(log_.IsSlow(kThreshold));
  EXPECT_TRUE(log_.IsSlow(kThreshold + absl::Nanoseconds(1)));
  EXPECT_TRUE(log_.enabled());
}

TEST_F(SlowLogTest, WithoutAThresholdNothingIsSlow) {
  const SlowLog off(SlowLogOptions{});

  EXPECT_FALSE(off.IsSlow(absl::Hours(1000)));
  EXPECT_FALSE(off.enabled());
}

TEST_F(SlowLogTest, NewestComesFirst) {
  for (const char* key : {"a", "b", "c"}) (void)log_.Add(Slow(key), At(absl::ZeroDuration()));

  EXPECT_THAT(Keys(), testing::ElementsAre("c", "b", "a"));
  EXPECT_THAT(Keys({.limit = 2}), testing::ElementsAre("c", "b"));
  EXPECT_THAT(Keys({.limit = 9}), testing::ElementsAre("c", "b", "a"));
  EXPECT_EQ(log_.Read({}).coordinator, "c1");
  EXPECT_EQ(log_.Read({}).threshold, kThreshold);
}

TEST_F(SlowLogTest, OldestMakesRoomForTheNewest) {
  for (size_t i = 0; i <= limits::kSlowLogEntriesMax; ++i) {
    (void)log_.Add(Slow(absl::StrCat(i)), At(absl::ZeroDuration()));
  }

  const std::vector<std::string> keys = Keys();
  ASSERT_EQ(keys.size(), limits::kSlowLogEntriesMax);
  EXPECT_EQ(keys.front(), absl::StrCat(limits::kSlowLogEntriesMax));
  EXPECT_EQ(keys.back(), "1");
  EXPECT_EQ(log_.total(), limits::kSlowLogEntriesMax + 1);
}

TEST_F(SlowLogTest, ResetForgetsWhatItHasToldAndGoesOnCounting) {
  (void)log_.Add(Slow("a"), At(absl::ZeroDuration()));

  EXPECT_THAT(Keys({.reset = true}), testing::ElementsAre("a"));
  EXPECT_THAT(Keys(), testing::IsEmpty());
  (void)log_.Add(Slow("b"), At(absl::ZeroDuration()));
  EXPECT_EQ(log_.Read({}).total, 2u);
}

TEST_F(SlowLogTest, OneLineASecondSaysHowManyItStandsFor) {
  EXPECT_THAT(log_.Add(Slow("a"), At(absl::Seconds(5))),
              Optional(AllOf(HasSubstr("key a"), Not(HasSubstr("more since")))));
  EXPECT_EQ(log_.Add(Slow("b"), At(absl::Seconds(5))), std::nullopt);
  EXPECT_EQ(log_.Add(Slow("c"), At(absl::Milliseconds(5999))), std::nullopt);

  EXPECT_THAT(log_.Add(Slow("d"), At(absl::Seconds(6))),
              Optional(AllOf(HasSubstr("key d"), HasSubstr("; 2 more since"))));
  EXPECT_THAT(log_.Add(Slow("e"), At(absl::Seconds(7))), Optional(Not(HasSubstr("more since"))));
}

TEST(SlowOperationTextTest, SaysAllThatIsKnown) {
  SlowOperation slow = Slow("user:123...(34 bytes)");
  slow.token = 0xab;
  slow.reason = "OUTCOME_UNKNOWN";
  slow.outcome_unknown = true;
  slow.required = 2;
  slow.responded = 1;
  slow.attempts = 3;
  slow.awaited_nodes = {"n1", "n2"};
  slow.peer = "ipv4:127.0.0.1:5";
  slow.request_id = "r-1";

  EXPECT_EQ(SlowOperationText(slow),
            "slow get at QUORUM: 150ms, OUTCOME_UNKNOWN unknown, key user:123...(34 bytes) in "
            "default, token 00000000000000ab, 1 rounds, 1 of 2 replicas, 3 attempts, no answer "
            "yet from n1 n2, from ipv4:127.0.0.1:5, request r-1");
}

TEST(SlowOperationTextTest, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(SlowOperationText(Slow("a...(2 bytes)")),
            "slow get at QUORUM: 150ms, ok, key a...(2 bytes) in default, token "
            "0000000000000000, 1 rounds, 0 of 0 replicas");
}

}  // namespace
}  // namespace quorumcache::service
