// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/map_value.h"

#include <string>

#include "absl/strings/match.h"
#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/topology/validate.h"
#include "common/topology_base/map_document.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_etcd {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::TestMap;

TEST(MapValueTest, ASmallMapIsItsDocument) {
  EXPECT_THAT(EncodeMapValue(TestMap()), IsOkAndHolds(topology_base::EncodeMapDocument(TestMap())));
  EXPECT_THAT(DecodeMapValue(*EncodeMapValue(TestMap()), "etcd"), IsOkAndHolds(TestMap()));
}

TEST(MapValueTest, ALargerMapIsCompressed) {
  const ClusterMap map = TestMap({.node_count = 50, .partition_count = 4096});
  const auto value = EncodeMapValue(map);
  ASSERT_THAT(value, IsOk());

  EXPECT_LT(value->size() * 10, topology_base::EncodeMapDocument(map).size());
  EXPECT_THAT(DecodeMapValue(*value, "etcd"), IsOkAndHolds(map));
}

TEST(MapValueTest, TheLargestMapOfThreeReplicasFits) {
  const ClusterMap map = topology::LargestMap(3);
  ASSERT_THAT(topology::Validate(map), IsOk());
  const auto value = EncodeMapValue(map);
  ASSERT_THAT(value, IsOk());

  EXPECT_GT(topology_base::EncodeMapDocument(map).size(), kMapValueSizeBytesMax);
  RecordProperty("value_bytes", static_cast<int>(value->size()));
  EXPECT_TRUE(*DecodeMapValue(*value, "etcd") == map);
}

TEST(MapValueTest, TheLargestMapOfThreeReplicasFitsWhileEveryPartitionMoves) {
  ClusterMap map = topology::LargestMap(3);
  base::Random random(2);
  for (topology::PartitionEntry& entry : map.partitions) {
    entry.ballot_floor_epoch = entry.epoch;
    topology::NodeIndex joiner = entry.slots[0].holder;
    while (entry.slots[0].Names(joiner) || entry.slots[1].Names(joiner) ||
           entry.slots[2].Names(joiner)) {
      joiner = static_cast<topology::NodeIndex>(random.Uniform(limits::kNodesMax));
    }
    entry.slots[0].joiner = joiner;
  }
  ASSERT_THAT(topology::Validate(map), IsOk());
  const auto value = EncodeMapValue(map);
  ASSERT_THAT(value, IsOk());
  RecordProperty("value_bytes", static_cast<int>(value->size()));
}

TEST(MapValueTest, TheLargestMapThereCanBeFits) {
  ClusterMap map = topology::LargestMap(limits::kReplicasMax);
  base::Random random(3);
  map.epoch = 0xffffffff;
  for (topology::PartitionEntry& entry : map.partitions) {
    entry.epoch = 1 + static_cast<uint32_t>(random.Uniform(0xfffffffe));
    entry.ballot_floor_epoch = static_cast<uint32_t>(random.Uniform(entry.epoch));
  }
  ASSERT_THAT(topology::Validate(map), IsOk());
  const auto value = EncodeMapValue(map);
  ASSERT_THAT(value, IsOk());
  RecordProperty("value_bytes", static_cast<int>(value->size()));
}

TEST(MapValueTest, AMapThatDoesNotFitIsRefusedWithTheReason) {
  EXPECT_THAT(EncodeMapValue(TestMap({.partition_count = 4096}), /*size_bytes_max=*/100),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("fewer partitions"), HasSubstr("nothing was changed"))));
}

TEST(MapValueTest, DamageIsFoundInEitherForm) {
  for (const ClusterMap& map : {TestMap(), TestMap({.partition_count = 1024})}) {
    const std::string value = *EncodeMapValue(map);
    for (size_t at = 0; at < value.size(); at += 1 + value.size() / 19) {
      std::string damaged = value;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      EXPECT_THAT(DecodeMapValue(damaged, "etcd key /k"),
                  StatusIs(absl::StatusCode::kDataLoss, HasSubstr("etcd key /k: ")))
          << at;
      EXPECT_THAT(DecodeMapValue(value.substr(0, at), "etcd key /k"),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
    EXPECT_THAT(DecodeMapValue(value + "x", "etcd"), StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace quorumcache::topology_etcd
