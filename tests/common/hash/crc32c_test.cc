// SPDX-License-Identifier: Apache-2.0
#include "common/hash/crc32c.h"

#include <string>

#include "absl/strings/string_view.h"
#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::hash {
namespace {

std::string RandomBytes(base::Random& random, size_t size_bytes) {
  std::string bytes;
  while (bytes.size() < size_bytes) bytes.push_back(static_cast<char>(random.Next()));
  return bytes;
}

// The examples of RFC 3720, appendix B.4 (there with the bytes in the order of transmission).
TEST(Crc32cTest, MatchesTheVectorsOfRfc3720) {
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending.push_back(c);

  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(Crc32c(ascending), 0x46DD794Eu);
  EXPECT_EQ(Crc32c(std::string(ascending.rbegin(), ascending.rend())), 0x113FDB5Cu);
}

TEST(Crc32cTest, MatchesTheCustomaryCheckValue) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, InstructionAndTableAgree) {
  base::Random random(support::TestSeed());
  const std::string bytes = RandomBytes(random, 300);

  for (size_t size = 0; size <= bytes.size(); ++size) {
    const absl::string_view part = absl::string_view(bytes).substr(0, size);
    ASSERT_EQ(ExtendCrc32c(7, part), ExtendCrc32cPortable(7, part)) << size << " bytes";
  }
}

TEST(Crc32cTest, TwoPartsGiveTheChecksumOfTheWhole) {
  base::Random random(support::TestSeed());
  const std::string bytes = RandomBytes(random, 100);
  const absl::string_view whole = bytes;

  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    ASSERT_EQ(ExtendCrc32c(Crc32c(whole.substr(0, cut)), whole.substr(cut)), Crc32c(whole));
  }
}

TEST(Crc32cTest, EveryFlippedBitChangesIt) {
  base::Random random(support::TestSeed());
  std::string bytes = RandomBytes(random, 64);
  const uint32_t sound = Crc32c(bytes);

  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    ASSERT_NE(Crc32c(bytes), sound) << "bit " << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
}

}  // namespace
}  // namespace quorumcache::hash
