// SPDX-License-Identifier: Apache-2.0
// Xxh64 against a second implementation that follows the specification step by step, without state
// between updates and without reading words from memory.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/random.h"
#include "common/hash/xxh64.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::hash {
namespace {

// The primes in the specification's decimal form.
constexpr uint64_t kP1 = 11400714785074694791ull;
constexpr uint64_t kP2 = 14029467366897019727ull;
constexpr uint64_t kP3 = 1609587929392839161ull;
constexpr uint64_t kP4 = 9650029242287828579ull;
constexpr uint64_t kP5 = 2870177450012600261ull;

uint64_t RotateLeft(uint64_t x, int bits) {
  return x << bits | x >> (64 - bits);
}

uint64_t LittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

// Step 2.
uint64_t Round(uint64_t acc, uint64_t lane) {
  return RotateLeft(acc + lane * kP2, 31) * kP1;
}

// Steps 1 to 3; takes whole stripes off `input`.
uint64_t Converge(absl::string_view& input) {
  if (input.size() < 32) return kP5;
  std::vector<uint64_t> acc = {kP1 + kP2, kP2, 0, 0 - kP1};
  for (; input.size() >= 32; input.remove_prefix(32)) {
    for (size_t i = 0; i < 4; ++i) acc[i] = Round(acc[i], LittleEndian(input.substr(8 * i, 8)));
  }
  uint64_t merged = RotateLeft(acc[0], 1) + RotateLeft(acc[1], 7) + RotateLeft(acc[2], 12) +
                    RotateLeft(acc[3], 18);
  for (const uint64_t one : acc) merged = (merged ^ Round(0, one)) * kP1 + kP4;
  return merged;
}

uint64_t Reference(absl::string_view input) {
  const uint64_t length = input.size();
  uint64_t acc = Converge(input) + length;
  // Step 5: what is left of the input.
  for (; input.size() >= 8; input.remove_prefix(8)) {
    acc = RotateLeft(acc ^ Round(0, LittleEndian(input.substr(0, 8))), 27) * kP1 + kP4;
  }
  for (; input.size() >= 4; input.remove_prefix(4)) {
    acc = RotateLeft(acc ^ LittleEndian(input.substr(0, 4)) * kP1, 23) * kP2 + kP3;
  }
  for (; !input.empty(); input.remove_prefix(1)) {
    acc = RotateLeft(acc ^ LittleEndian(input.substr(0, 1)) * kP5, 11) * kP1;
  }
  // Step 6: avalanche.
  acc = (acc ^ acc >> 33) * kP2;
  acc = (acc ^ acc >> 29) * kP3;
  return acc ^ acc >> 32;
}

std::string RandomBytes(base::Random& random, size_t size_bytes) {
  std::string bytes(size_bytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next());
  return bytes;
}

TEST(Xxh64OracleTest, TheOracleKnowsThePublishedVectors) {
  EXPECT_EQ(Reference(""), 0xEF46DB3751D8E999ull);
  EXPECT_EQ(Reference("abc"), 0x44BC2CF5AD770999ull);
  EXPECT_EQ(Reference("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1ull);
}

TEST(Xxh64OracleTest, AgreesOnRandomInputOfEveryLength) {
  base::Random random(support::TestSeed());
  for (size_t size = 0; size < 300; ++size) {
    for (int round = 0; round < 10; ++round) {
      const std::string bytes = RandomBytes(random, size);
      ASSERT_EQ(Xxh64Of(bytes), Reference(bytes)) << "size " << size;
    }
  }
}

TEST(Xxh64OracleTest, AgreesOnRandomInputInRandomParts) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 2000; ++round) {
    const std::string bytes = RandomBytes(random, random.Uniform(400));
    Xxh64 hash;
    for (absl::string_view rest = bytes; !rest.empty();) {
      const size_t part = random.Uniform(rest.size() + 1);
      hash.Update(rest.substr(0, part));
      rest.remove_prefix(part);
    }
    ASSERT_EQ(hash.Digest(), Reference(bytes)) << "round " << round;
  }
}

TEST(Xxh64OracleTest, EveryInputBitReachesThePartitionBits) {
  // Flipping one bit of a key changes each of the 14 highest bits of the digest about half of the
  // time.
  base::Random random(support::TestSeed());
  std::vector<int> flips(14);
  int trials = 0;
  for (int round = 0; round < 200; ++round) {
    std::string bytes = RandomBytes(random, 24);
    const uint64_t before = Xxh64Of(bytes);
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit, ++trials) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      const uint64_t changed = before ^ Xxh64Of(bytes);
      for (size_t i = 0; i < flips.size(); ++i) flips[i] += (changed >> (63 - i)) & 1;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
  }
  // 38,400 trials: the standard deviation is 98.
  for (const int count : flips) EXPECT_NEAR(count, trials / 2, 6 * 98);
}

}  // namespace
}  // namespace quorumcache::hash
