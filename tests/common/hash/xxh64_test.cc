// SPDX-License-Identifier: Apache-2.0
#include "common/hash/xxh64.h"

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::hash {
namespace {

// The buffer of the reference's own sanity check (cli/xsum_sanity_check.c): the top byte of
// 2654435761 multiplied again and again by a prime.
std::string SanityBuffer(size_t size_bytes) {
  std::string buffer;
  for (uint64_t generator = 2654435761u; buffer.size() < size_bytes;
       generator *= 11400714785074694797ull) {
    buffer.push_back(static_cast<char>(generator >> 56));
  }
  return buffer;
}

// Index = length of the sanity buffer's prefix. 0, 1, 4 and 14 (and 222, below) are published in
// the reference's sanity check; the others were printed by libxxhash 0.8.1. 100 bytes cover every
// tail after no, one, two and three stripes.
constexpr std::array<uint64_t, 101> kDigestByLength = {
    0xEF46DB3751D8E999ull, 0xE934A84ADB052768ull, 0x5D48CD60A77E23FFull, 0xFF7E1959CB50794Aull,
    0x9136A0DCA57457EEull, 0x9B046FB1397F09A5ull, 0xC72565B7154268A8ull, 0x6C83909A9F01ED25ull,
    0xCDBCF538E71D1348ull, 0x554B1AE991EDA6B6ull, 0x5D00E7351392EA84ull, 0x6345D5746F35DA70ull,
    0x0723BF50086EAD9Aull, 0xC2E5013E3C40BCF7ull, 0x8282DCC4994E35C8ull, 0x180719316D622D84ull,
    0x98C90B57FDFCB55Cull, 0x0D39A2D051A30C2Cull, 0x33E84A4333B2B2EBull, 0xE91C6EF31FC08F82ull,
    0x5F8C68355769439Eull, 0x42B0B8EE353AC461ull, 0x65C935C6978098B1ull, 0xD2460ECC840B74DDull,
    0xF75A6DEA42DC5BF4ull, 0x52FAA43C3F20B994ull, 0x8DB7831EC345F9A3ull, 0x88945AA08051FC2Dull,
    0x64CD9E8C96A9E2DDull, 0x8C8F345B634AC2B9ull, 0xE2677241D4C46CAFull, 0x299B39A290E6D783ull,
    0x18B216492BB44B70ull, 0x55C8DC3E578F5B59ull, 0xD0CE7CBAE371BEB2ull, 0xCB0AA8E2A7A29707ull,
    0x0AE67584084DC6A4ull, 0x292F5332C92B73CEull, 0x5F398E2A8478BED3ull, 0xB888CAF07592B1B3ull,
    0x23B3810D7D8B1731ull, 0x5342C966C7F3D5F4ull, 0x77454B74F1DBBF63ull, 0x9904C9350F597190ull,
    0x24EC2B3D0E442641ull, 0x4EC307EBE0A650A4ull, 0x7DD1C5514B2240EFull, 0x84A42E167CBD1FEFull,
    0xFD0FEEAC7A939933ull, 0xA91BFF78A7185B66ull, 0xDFFE9F293DDD101Dull, 0x2332585C18D7483Aull,
    0x5A0056511F9DD653ull, 0x4426A2F5C8D59469ull, 0x39EAF8893520636Aull, 0xAFEA98CC4E92F7E1ull,
    0xB7A6414B8D3E2597ull, 0xF33D64569CD4B1C0ull, 0x93FA072F0E8FE7CAull, 0x4F2890576949D6EDull,
    0x3378C44F459C290Bull, 0x40D486FDDDAD5CB7ull, 0x21664C60C551CC87ull, 0xA9EFBE0FA0F3F4E7ull,
    0xEF558F8ACAC2B5CDull, 0xDE0F20DC2631AF7Aull, 0xCF1E52EDE1C505C4ull, 0x0965DF7219D2E741ull,
    0x1B8378E923B247A7ull, 0x43F2B606AD9BA362ull, 0xD9C3413222F1DEA4ull, 0x3D6ECAB2BCFBE3FFull,
    0xEA8573B60D5A8800ull, 0xE372599E31F8CFFDull, 0x02B86794A00BDBE8ull, 0xCA1A21FB24979810ull,
    0x60DFF17BEC07766Dull, 0xF4AF74828DE6862Dull, 0x828E4C8C5257CC15ull, 0x91F7F9D6008299A0ull,
    0x99BD5D25EB211099ull, 0xCB329A8F102F05BCull, 0x993A0B6E6D5DF0CBull, 0x818F4CEC407D8CF9ull,
    0xAF57F8CD340FB1B6ull, 0x50789F0F60EBAD3Aull, 0xF3214750C1A6455Eull, 0x8DBE8913BE346D20ull,
    0xA130814F81F87E43ull, 0x0023276D258EDA58ull, 0x0A0571F769B40C93ull, 0x14A2F5051E8893C8ull,
    0x4FBBE74E062367B0ull, 0x4B375CEF503586FCull, 0x6AD4B96E4286EB70ull, 0xFF9F46BDCC644624ull,
    0x105064E743EDD1D9ull, 0x097B16E4E9B0A2E3ull, 0x06662519E8393FF2ull, 0xB51CB5BA2957AB0Bull,
    0x4BFE019CD91D9EA4ull,
};

TEST(Xxh64Test, MatchesThePublishedSanityVectors) {
  const std::string buffer = SanityBuffer(222);

  EXPECT_EQ(Xxh64Of(""), 0xEF46DB3751D8E999ull);
  EXPECT_EQ(Xxh64Of(buffer.substr(0, 1)), 0xE934A84ADB052768ull);
  EXPECT_EQ(Xxh64Of(buffer.substr(0, 4)), 0x9136A0DCA57457EEull);
  EXPECT_EQ(Xxh64Of(buffer.substr(0, 14)), 0x8282DCC4994E35C8ull);
  EXPECT_EQ(Xxh64Of(buffer), 0xB641AE8CB691C174ull);
}

TEST(Xxh64Test, MatchesWellKnownTexts) {
  EXPECT_EQ(Xxh64Of("a"), 0xD24EC4F1A98C6E5Bull);
  EXPECT_EQ(Xxh64Of("abc"), 0x44BC2CF5AD770999ull);
  EXPECT_EQ(Xxh64Of("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1ull);
}

TEST(Xxh64Test, MatchesTheReferenceAtEveryLengthUpTo100) {
  const std::string buffer = SanityBuffer(kDigestByLength.size());

  for (size_t length = 0; length < kDigestByLength.size(); ++length) {
    EXPECT_EQ(Xxh64Of(absl::string_view(buffer).substr(0, length)), kDigestByLength[length])
        << "length " << length;
  }
}

TEST(Xxh64Test, MatchesTheReferenceAtTheLongestKey) {
  // 64 bytes of namespace, the separator, 4,096 of key, rounded up to an odd tail.
  EXPECT_EQ(Xxh64Of(SanityBuffer(4163)), 0xDDFBF9D97F2BF2CBull);
}

TEST(Xxh64Test, AnyTwoPartsGiveTheDigestOfTheWhole) {
  const std::string buffer = SanityBuffer(100);
  const absl::string_view whole = buffer;

  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    Xxh64 hash;
    hash.Update(whole.substr(0, cut));
    hash.Update(whole.substr(cut));
    EXPECT_EQ(hash.Digest(), kDigestByLength[100]) << "cut at " << cut;
  }
}

TEST(Xxh64Test, ByteByByteGivesTheDigestOfTheWhole) {
  const std::string buffer = SanityBuffer(100);

  Xxh64 hash;
  for (size_t i = 0; i < buffer.size(); ++i) {
    EXPECT_EQ(hash.Digest(), kDigestByLength[i]);
    hash.Update(absl::string_view(buffer).substr(i, 1));
  }
  EXPECT_EQ(hash.Digest(), kDigestByLength[100]);
}

TEST(Xxh64Test, RandomPartsGiveTheDigestOfTheWhole) {
  base::Random random(support::TestSeed());
  const std::string buffer = SanityBuffer(1000);
  const uint64_t whole = Xxh64Of(buffer);

  for (int round = 0; round < 500; ++round) {
    Xxh64 hash;
    for (absl::string_view rest = buffer; !rest.empty();) {
      const size_t part_size_bytes = random.Uniform(rest.size() + 1);
      hash.Update(rest.substr(0, part_size_bytes));
      rest.remove_prefix(part_size_bytes);
    }
    ASSERT_EQ(hash.Digest(), whole) << "round " << round;
  }
}

TEST(Xxh64Test, EmptyUpdatesChangeNothing) {
  Xxh64 hash;
  hash.Update(absl::string_view());
  hash.Update("abc");
  hash.Update(absl::string_view());
  hash.Update("");

  EXPECT_EQ(hash.Digest(), Xxh64Of("abc"));
}

TEST(Xxh64Test, UnalignedInputGivesTheSameDigest) {
  const std::string buffer = SanityBuffer(100);

  for (size_t shift = 0; shift < 16; ++shift) {
    const std::string shifted = std::string(shift, 'x') + buffer;
    EXPECT_EQ(Xxh64Of(absl::string_view(shifted).substr(shift)), kDigestByLength[100]);
  }
}

TEST(Xxh64Test, CopiesGoOnApart) {
  Xxh64 hash;
  hash.Update("Nobody inspects ");
  Xxh64 copy = hash;
  hash.Update("the spammish repetition");
  copy.Update("anything");

  EXPECT_EQ(hash.Digest(), 0xFBCEA83C8A378BF1ull);
  EXPECT_EQ(copy.Digest(), Xxh64Of("Nobody inspects anything"));
}

}  // namespace
}  // namespace quorumcache::hash
