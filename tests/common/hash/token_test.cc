// SPDX-License-Identifier: Apache-2.0
#include "common/hash/token.h"

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/random.h"
#include "common/hash/xxh64.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::hash {
namespace {

TEST(TokenTest, IsTheReferenceHashOfNamespaceZeroByteKey) {
  std::string all_bytes(256, '\0');
  std::iota(all_bytes.begin(), all_bytes.end(), 0);

  // Printed by libxxhash 0.8.1. A change here would lose every stored key.
  EXPECT_EQ(TokenOf("default", "foo"), 0xC775055341B836A7ull);
  EXPECT_EQ(TokenOf("default", all_bytes), 0x02690183138C6DD8ull);
  EXPECT_EQ(TokenOf("s", "k"), 0xBDE74DFEC21F635Dull);
}

TEST(TokenTest, EqualsTheHashOfTheJoinedBytesAtEveryLength) {
  const std::string long_key(200, 'k');

  for (size_t namespace_size = 1; namespace_size <= 64; ++namespace_size) {
    const std::string name(namespace_size, 'n');
    for (size_t key_size = 1; key_size <= long_key.size(); key_size += 7) {
      const absl::string_view key = absl::string_view(long_key).substr(0, key_size);
      const std::string joined = absl::StrCat(name, absl::string_view("\0", 1), key);
      ASSERT_EQ(TokenOf(name, key), Xxh64Of(joined));
    }
  }
}

TEST(TokenTest, TheBorderBetweenNamespaceAndKeyCounts) {
  EXPECT_NE(TokenOf("ab", "c"), TokenOf("a", "bc"));
  EXPECT_NE(TokenOf("a", "b"), TokenOf("b", "a"));
}

TEST(PartitionTest, IsTheHighestBitsOfTheToken) {
  EXPECT_EQ(PartitionOf(0, 256), 0u);
  EXPECT_EQ(PartitionOf(0x00FFFFFFFFFFFFFFull, 256), 0u);
  EXPECT_EQ(PartitionOf(0x0100000000000000ull, 256), 1u);
  EXPECT_EQ(PartitionOf(0xFFFFFFFFFFFFFFFFull, 256), 255u);
  EXPECT_EQ(PartitionOf(0xFFFFFFFFFFFFFFFFull, 16384), 16383u);
}

TEST(PartitionTest, OnePartitionHoldsEverything) {
  EXPECT_EQ(PartitionOf(0, 1), 0u);
  EXPECT_EQ(PartitionOf(~Token{0}, 1), 0u);
  EXPECT_EQ(RangeOf(0, 1), (TokenRange{0, ~Token{0}}));
}

TEST(PartitionTest, CountThatIsNotAPowerOfTwoIsABug) {
  EXPECT_DEATH(PartitionOf(0, 0), "check failed");
  EXPECT_DEATH(PartitionOf(0, 3), "check failed");
  EXPECT_DEATH(PartitionOf(0, uint64_t{1} << 33), "check failed");
  EXPECT_DEATH(RangeOf(256, 256), "check failed");
}

TEST(PartitionTest, RangesTileTheRingWithoutGapOrOverlap) {
  for (uint64_t count = 1; count <= 16384; count *= 2) {
    Token next = 0;
    for (uint32_t partition = 0; partition < count; ++partition) {
      const TokenRange range = RangeOf(partition, count);
      ASSERT_EQ(range.first, next);
      ASSERT_EQ(PartitionOf(range.first, count), partition);
      ASSERT_EQ(PartitionOf(range.last, count), partition);
      next = range.last + 1;
    }
    // Wrapped: the last range ends at 2^64 - 1.
    EXPECT_EQ(next, 0u);
  }
}

TEST(PartitionTest, RandomTokensLieInTheRangeOfTheirPartition) {
  base::Random random(support::TestSeed());

  for (int round = 0; round < 10000; ++round) {
    const Token token = random.Next();
    const uint64_t count = uint64_t{1} << random.Uniform(15);
    const TokenRange range = RangeOf(PartitionOf(token, count), count);
    ASSERT_LE(range.first, token);
    ASSERT_GE(range.last, token);
  }
}

TEST(PartitionTest, SequentialKeysSpreadEvenly) {
  // 256,000 keys over 256 partitions: 1,000 each, standard deviation sqrt(1,000) = 32.
  // Deterministic.
  std::vector<int> keys_of(256);
  for (int i = 0; i < 256000; ++i) {
    ++keys_of[PartitionOf(TokenOf("default", absl::StrCat("user:", i)), 256)];
  }

  for (const int keys : keys_of) {
    EXPECT_GT(keys, 1000 - 5 * 32);
    EXPECT_LT(keys, 1000 + 5 * 32);
  }
}

}  // namespace
}  // namespace quorumcache::hash
