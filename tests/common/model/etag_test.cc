// SPDX-License-Identifier: Apache-2.0
#include "common/model/etag.h"

#include <limits>

#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::model {
namespace {

TEST(EtagTest, IsLowerCaseHexWithoutLeadingZeros) {
  EXPECT_EQ(FormatEtag(Ballot{1, 0x18f3a2b4c5d60000, 0x9f}), "1.18f3a2b4c5d60000.9f");
  EXPECT_EQ(FormatEtag(Ballot{}), "0.0.0");
}

TEST(EtagTest, LargestBallotFits) {
  const Ballot largest{std::numeric_limits<uint32_t>::max(), ~uint64_t{0}, ~uint64_t{0}};

  EXPECT_EQ(FormatEtag(largest), "ffffffff.ffffffffffffffff.ffffffffffffffff");
  EXPECT_EQ(ParseEtag(FormatEtag(largest)), largest);
}

TEST(EtagTest, EveryBallotComesBack) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 10'000; ++i) {
    const Ballot ballot{static_cast<uint32_t>(random.Next() >> random.Uniform(64)),
                        random.Next() >> random.Uniform(64), random.Next() >> random.Uniform(64)};
    ASSERT_EQ(ParseEtag(FormatEtag(ballot)), ballot);
  }
}

class EtagRefusalTest : public testing::TestWithParam<const char*> {};

TEST_P(EtagRefusalTest, OtherTextsAreNotEtags) {
  EXPECT_EQ(ParseEtag(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Texts, EtagRefusalTest,
                         testing::Values("", ".", "..", "1", "1.2", "1.2.", ".1.2", "1..2",
                                         "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "1.2.3 ",
                                         " 1.2.3", "1.A.3", "1.g.3", "-1.2.3", "+1.2.3", "0x1.2.3",
                                         "100000000.2.3", "1.10000000000000000.3",
                                         "1.2.10000000000000000", "*", "\"1.2.3\"", "1,2,3"));

}  // namespace
}  // namespace quorumcache::model
