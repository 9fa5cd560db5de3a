// SPDX-License-Identifier: Apache-2.0
#include "common/topology_base/map_document.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/base/random.h"
#include "common/hash/crc32c.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_base {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using topology::TestMap;

auto DamagedBecause(const std::string& what) {
  return StatusIs(absl::StatusCode::kDataLoss,
                  AllOf(HasSubstr("topology file map: "), HasSubstr(what),
                        HasSubstr("put back a copy"), HasSubstr("qcctl topology import")));
}

absl::StatusOr<topology::ClusterMap> Decode(const std::string& bytes) {
  return DecodeMapDocument(bytes, "topology file map");
}

// A file with a sound header over any body.
std::string Sealed(const std::string& body) {
  return absl::StrFormat("quorumcache-cluster-map 1 length=%d crc32c=%08x\n%s", body.size(),
                         hash::Crc32c(body), body);
}

TEST(MapDocumentTest, GivesBackTheMap) {
  EXPECT_THAT(Decode(EncodeMapDocument(TestMap())), IsOkAndHolds(TestMap()));
}

TEST(MapDocumentTest, IsAHeaderLineAndALineOfJson) {
  const std::string file = EncodeMapDocument(TestMap());

  EXPECT_TRUE(absl::StartsWith(file, "quorumcache-cluster-map 1 length=")) << file;
  EXPECT_EQ(std::count(file.begin(), file.end(), '\n'), 2);
  EXPECT_EQ(file.back(), '\n');
  EXPECT_EQ(file, Sealed(file.substr(file.find('\n') + 1)));
}

TEST(MapDocumentTest, EveryTruncationIsRefused) {
  const std::string file = EncodeMapDocument(TestMap());

  for (size_t size = 0; size < file.size(); ++size) {
    ASSERT_THAT(Decode(file.substr(0, size)), DamagedBecause("")) << size;
  }
  EXPECT_THAT(Decode(""), DamagedBecause("it is empty"));
  EXPECT_THAT(Decode(file.substr(0, file.size() - 1)), DamagedBecause("it is cut off: the header"));
}

TEST(MapDocumentTest, EveryFlippedBitIsRefused) {
  const std::string file = EncodeMapDocument(TestMap({.partition_count = 1}));

  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto map = Decode(damaged);
    // The checksum's hexadecimal digits may change their case.
    if (map.ok()) {
      ASSERT_EQ(*map, TestMap({.partition_count = 1})) << bit;
    } else {
      ASSERT_THAT(map, DamagedBecause("")) << bit;
    }
  }
}

TEST(MapDocumentTest, AHandEditIsRefused) {
  const std::string file =
      absl::StrReplaceAll(EncodeMapDocument(TestMap()), {{"127.0.0.1:7001", "127.0.0.1:7009"}});

  EXPECT_THAT(Decode(file), DamagedBecause("it was edited by hand"));
}

TEST(MapDocumentTest, AppendedTextIsRefused) {
  EXPECT_THAT(Decode(EncodeMapDocument(TestMap()) + "\n"), DamagedBecause("it is too long"));
}

TEST(MapDocumentTest, OtherFilesAreRefused) {
  EXPECT_THAT(Decode("{}"), DamagedBecause("this is no cluster map"));
  EXPECT_THAT(Decode("\n"), DamagedBecause("this is no cluster map"));
  EXPECT_THAT(Decode("quorumcache-cluster-map"), DamagedBecause("this is no cluster map"));
  EXPECT_THAT(Decode(std::string(1000, '\0')), DamagedBecause("this is no cluster map"));
}

TEST(MapDocumentTest, ANewerFormatIsNamed) {
  const std::string file =
      absl::StrReplaceAll(EncodeMapDocument(TestMap()), {{"-map 1 ", "-map 2 "}});

  EXPECT_THAT(Decode(file), DamagedBecause("its format is \"2\", this program reads 1"));
}

TEST(MapDocumentTest, DamagedHeadersAreRefused) {
  for (const std::string& header :
       {std::string("quorumcache-cluster-map 1"), std::string("quorumcache-cluster-map 1 length=0"),
        std::string("quorumcache-cluster-map 1 length=-1 crc32c=00000000"),
        std::string("quorumcache-cluster-map 1 length= 0 crc32c=00000000"),
        std::string("quorumcache-cluster-map 1 length=0 crc32c=0"),
        std::string("quorumcache-cluster-map 1 length=0 crc32c=+0000000"),
        std::string("quorumcache-cluster-map 1 length=99999999999999999999 crc32c=00000000"),
        std::string("quorumcache-cluster-map 1 length=0 crc32c=00000000 more")}) {
    EXPECT_THAT(Decode(header + "\n"), DamagedBecause("its header line is damaged")) << header;
  }
}

TEST(MapDocumentTest, ASoundChecksumOverABadMapIsRefusedWithTheReason) {
  EXPECT_THAT(Decode(Sealed("")), DamagedBecause("JSON does not parse"));
  EXPECT_THAT(Decode(Sealed("{}")), DamagedBecause("cluster_id"));
  EXPECT_THAT(Decode(Sealed("{\"new_field\":1}")), DamagedBecause("knows no member \"new_field\""));
}

TEST(MapDocumentTest, RandomBytesAreRefused) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = random.OneIn(2) ? "quorumcache-cluster-map 1 " : "";
    for (uint64_t size = random.Uniform(200); size > 0; --size) {
      bytes.push_back(static_cast<char>(random.Next()));
    }
    ASSERT_THAT(Decode(bytes), DamagedBecause(""));
  }
}

}  // namespace
}  // namespace quorumcache::topology_base
