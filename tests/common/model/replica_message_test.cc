// SPDX-License-Identifier: Apache-2.0
#include "common/model/replica_message.h"

#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

class NotExecutedTest : public testing::TestWithParam<ReplyStatus> {};
class MayBeExecutedTest : public testing::TestWithParam<ReplyStatus> {};

TEST_P(NotExecutedTest, IsAPromiseThatNothingWasDone) {
  EXPECT_TRUE(NotExecuted(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Statuses, NotExecutedTest,
                         testing::Values(ReplyStatus::kStaleEpoch, ReplyStatus::kWrongNode,
                                         ReplyStatus::kClockSkew, ReplyStatus::kExpired,
                                         ReplyStatus::kOverloaded, ReplyStatus::kDiskFull,
                                         ReplyStatus::kUnavailable, ReplyStatus::kInvalid,
                                         ReplyStatus::kCorrupt, ReplyStatus::kNotSent));

// A refusal was executed; what was lost, or has no status, may have been.
TEST_P(MayBeExecutedTest, IsNoSuchPromise) {
  EXPECT_FALSE(NotExecuted(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Statuses, MayBeExecutedTest,
                         testing::Values(ReplyStatus::kUnspecified, ReplyStatus::kOk,
                                         ReplyStatus::kRefused, ReplyStatus::kLost));

TEST(ReplicaReplyTest, StartsAsNothingAtAll) {
  const ReplicaReply reply;

  EXPECT_EQ(reply.status, ReplyStatus::kUnspecified);
  EXPECT_TRUE(reply.accepted.IsZero());
  EXPECT_FALSE(reply.record.has_value());
}

}  // namespace
}  // namespace quorumcache::model
