// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/crc32c.h"

#include <string>

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::engine {
namespace {

TEST(Crc32cTest, VectorsOfRfc3720AppendixB4) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising.push_back(c);
  EXPECT_EQ(Crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(Crc32c(std::string(rising.rbegin(), rising.rend())), 0x113FDB5Cu);
}

TEST(Crc32cTest, CheckValueOfTheCatalogue) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
}

TEST(Crc32cTest, EmptyIsZero) {
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, PiecesGiveTheSameAsTheWholeAndTheTableTheSameAsTheInstruction) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random.Uniform(100), '\0');
    for (char& c : bytes) c = static_cast<char>(random.Next());
    const size_t cut = bytes.empty() ? 0 : random.Uniform(bytes.size());
    const absl::string_view view = bytes;

    EXPECT_EQ(ExtendCrc32c(Crc32c(view.substr(0, cut)), view.substr(cut)), Crc32c(view));
    EXPECT_EQ(ExtendCrc32cPortable(0, view), Crc32c(view));
  }
}

}  // namespace
}  // namespace quorumcache::engine
