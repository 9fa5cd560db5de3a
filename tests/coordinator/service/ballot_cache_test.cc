// SPDX-License-Identifier: Apache-2.0
// What the coordinator remembers of keys that see conditional operations.
#include "coordinator/service/ballot_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "common/hash/token.h"

namespace quorumcache::service {
namespace {

constexpr uint32_t kEpoch = 7;

quorum::CachedBallot BallotOf(uint64_t hlc, const std::string& value = "v") {
  quorum::CachedBallot cached;
  cached.ballot = model::Ballot{kEpoch, hlc, 1};
  cached.base_ballot = model::Ballot{kEpoch, hlc - 1, 1};
  cached.base.state = model::RecordState::kValue;
  cached.base.value = value;
  return cached;
}

class BallotCacheTest : public testing::Test {
 protected:
  static model::Key KeyOf(int number) { return {"default", std::to_string(number)}; }
  static uint64_t TokenOf(int number) { return hash::TokenOf("default", std::to_string(number)); }
  BallotCache::Taken Take(int number, uint32_t epoch = kEpoch) {
    return cache_.Take(TokenOf(number), KeyOf(number), epoch);
  }
  void Put(int number, quorum::CachedBallot ballot) {
    cache_.Put(TokenOf(number), KeyOf(number), std::move(ballot));
  }

  BallotCache cache_{8'000};
};

TEST_F(BallotCacheTest, FirstOperationLeavesOnlyAMark) {
  const BallotCache::Taken first = Take(1);
  const BallotCache::Taken second = Take(1);

  EXPECT_FALSE(first.seen);
  EXPECT_TRUE(second.seen);
  EXPECT_FALSE(second.ballot.has_value());
}

TEST_F(BallotCacheTest, BallotIsUsedOnce) {
  (void)Take(1);
  Put(1, BallotOf(100));

  const BallotCache::Taken taken = Take(1);

  ASSERT_TRUE(taken.ballot.has_value());
  EXPECT_EQ(taken.ballot->ballot.hlc, 100u);
  EXPECT_EQ(taken.ballot->base.value, "v");
  EXPECT_FALSE(Take(1).ballot.has_value());
}

TEST_F(BallotCacheTest, BallotOfAnotherEpochIsLost) {
  (void)Take(1);
  Put(1, BallotOf(100));

  EXPECT_FALSE(Take(1, kEpoch + 1).ballot.has_value());
  EXPECT_FALSE(Take(1, kEpoch).ballot.has_value()) << "lost for good";
}

TEST_F(BallotCacheTest, BlindWriteInvalidatesTheBallotAndNotTheMark) {
  (void)Take(1);
  Put(1, BallotOf(100));

  cache_.Invalidate(TokenOf(1));
  cache_.Invalidate(TokenOf(2));

  const BallotCache::Taken taken = Take(1);
  EXPECT_FALSE(taken.ballot.has_value());
  EXPECT_TRUE(taken.seen);
}

TEST_F(BallotCacheTest, KeysThatShareATokenNeverShareABallot) {
  (void)cache_.Take(5, KeyOf(1), kEpoch);
  cache_.Put(5, KeyOf(1), BallotOf(100));

  cache_.Put(5, KeyOf(2), BallotOf(200, "of another key"));
  const BallotCache::Taken other = cache_.Take(5, KeyOf(2), kEpoch);

  EXPECT_FALSE(other.seen);
  EXPECT_FALSE(other.ballot.has_value());
  EXPECT_FALSE(cache_.Take(5, KeyOf(1), kEpoch).seen) << "the later one wins";
}

TEST_F(BallotCacheTest, KeyUsedLongestAgoGoesFirst) {
  for (int number = 0; number < 5; ++number) {
    (void)Take(number);
    Put(number, BallotOf(100 + static_cast<uint64_t>(number)));
  }
  (void)Take(0);
  const size_t kept = cache_.size();
  for (int number = 10; cache_.size() == kept + static_cast<size_t>(number - 10); ++number) {
    (void)Take(number);
  }

  EXPECT_LE(cache_.size_bytes(), 8'000u);
  EXPECT_FALSE(Take(1).seen);
  EXPECT_TRUE(Take(0).seen);
}

TEST_F(BallotCacheTest, StaysWithinItsBoundWhateverComes) {
  for (int number = 0; number < 1'000; ++number) {
    (void)Take(number);
    Put(number, BallotOf(100, std::string(static_cast<size_t>(number) * 3, 'v')));
    ASSERT_LE(cache_.size_bytes(), 8'000u);
  }
  EXPECT_GT(cache_.size(), 0u);
}

TEST_F(BallotCacheTest, LargeRecordIsNotKept) {
  BallotCache cache;
  (void)cache.Take(1, KeyOf(1), kEpoch);

  cache.Put(1, KeyOf(1), BallotOf(100, std::string(limits::kBallotCacheEntryBytesMax + 1, 'v')));

  EXPECT_FALSE(cache.Take(1, KeyOf(1), kEpoch).ballot.has_value());
}

TEST_F(BallotCacheTest, BallotOfAForgottenKeyIsDropped) {
  Put(1, BallotOf(100));

  EXPECT_EQ(cache_.size(), 0u);
  EXPECT_FALSE(Take(1).seen);
}

}  // namespace
}  // namespace quorumcache::service
