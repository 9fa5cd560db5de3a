// SPDX-License-Identifier: Apache-2.0
#include "common/base/random.h"

#include <array>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::base {
namespace {

// A textbook form of the algorithm, written apart from ours: SplitMix64 and xoshiro256** as
// published at prng.di.unimi.it.
class Reference {
 public:
  explicit Reference(uint64_t seed) {
    for (uint64_t& word : s_) {
      seed += 0x9e3779b97f4a7c15;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  uint64_t Next() {
    const uint64_t result = Rotl(s_[1] * 5, 7) * 9;
    const uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = Rotl(s_[3], 45);
    return result;
  }

 private:
  static uint64_t Rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<uint64_t, 4> s_;
};

TEST(RandomTest, FirstNumbersOfSeedZeroNeverChange) {
  // A change here would make every recorded seed replay something else.
  Random random(0);

  EXPECT_EQ(random.Next(), 0x99ec5f36cb75f2b4ull);
  EXPECT_EQ(random.Next(), 0xbf6e1f784956452aull);
  EXPECT_EQ(random.Next(), 0x1a5f849d4933e6e0ull);
}

TEST(RandomTest, EqualSeedsGiveTheReferenceSequence) {
  const uint64_t seed = support::TestSeed();
  Random random(seed);
  Reference reference(seed);

  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(random.Next(), reference.Next()) << "at " << i;
}

TEST(RandomTest, UniformStaysBelowItsBoundAndReachesAllOfIt) {
  Random random(support::TestSeed());
  std::array<int, 7> counts = {};

  for (int i = 0; i < 70'000; ++i) ++counts.at(random.Uniform(counts.size()));

  // 10,000 expected, standard deviation 93: ten of them away means broken, not unlucky.
  EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Gt(9'070), testing::Lt(10'930))));
}

TEST(RandomTest, UniformOfOneIsZero) {
  Random random(support::TestSeed());

  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.Uniform(1), 0);
}

TEST(RandomTest, OneInOneIsAlwaysTrue) {
  Random random(support::TestSeed());

  for (int i = 0; i < 100; ++i) EXPECT_TRUE(random.OneIn(1));
}

TEST(RandomTest, FractionIsInTheHalfOpenUnitInterval) {
  Random random(support::TestSeed());
  double sum = 0;

  for (int i = 0; i < 10'000; ++i) {
    const double fraction = random.Fraction();
    ASSERT_GE(fraction, 0.0);
    ASSERT_LT(fraction, 1.0);
    sum += fraction;
  }

  // Mean 0.5, standard deviation of the mean 0.0029.
  EXPECT_NEAR(sum / 10'000, 0.5, 0.03);
}

TEST(RandomDeathTest, BoundOfZeroIsABug) {
  Random random(1);

  EXPECT_DEATH(random.Uniform(0), "bound > 0");
}

}  // namespace
}  // namespace quorumcache::base
