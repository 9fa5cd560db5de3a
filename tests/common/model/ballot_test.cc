// SPDX-License-Identifier: Apache-2.0
#include "common/model/ballot.h"

#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

TEST(BallotTest, EpochDecidesBeforeClockBeforeProposer) {
  EXPECT_LT((Ballot{1, 900, 900}), (Ballot{2, 1, 1}));
  EXPECT_LT((Ballot{1, 5, 900}), (Ballot{1, 6, 1}));
  EXPECT_LT((Ballot{1, 5, 1}), (Ballot{1, 5, 2}));
  EXPECT_EQ((Ballot{1, 5, 2}), (Ballot{1, 5, 2}));
}

TEST(BallotTest, ZeroIsBelowEveryBallotInUse) {
  EXPECT_TRUE(Ballot{}.IsZero());
  EXPECT_LT(Ballot{}, (Ballot{0, 0, 1}));
  EXPECT_FALSE((Ballot{0, 0, 1}).IsZero());
  EXPECT_FALSE((Ballot{0, 1, 0}).IsZero());
  EXPECT_FALSE((Ballot{1, 0, 0}).IsZero());
}

// `first` is a ballot without a proposer: it must lie below every real one of the same clock
// reading.
TEST(BallotTest, WithoutAProposerIsBelowEveryProposer) {
  EXPECT_LT((Ballot{1, 5, 0}), (Ballot{1, 5, 1}));
  EXPECT_GT((Ballot{1, 5, 0}), (Ballot{1, 4, ~uint64_t{0}}));
}

}  // namespace
}  // namespace quorumcache::model
