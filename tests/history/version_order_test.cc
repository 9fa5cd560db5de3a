// SPDX-License-Identifier: Apache-2.0
#include "tests/history/version_order.h"

#include <optional>

#include "gtest/gtest.h"
#include "tests/history/test_histories.h"

namespace quorumcache::history {
namespace {

TEST(VersionOrderTest, AcceptsGrowingVersions) {
  EXPECT_EQ(CheckVersionOrder({WithVersion(SetOk(0, 10, 7), 1), WithVersion(GetFound(20, 30, 7), 1),
                               WithVersion(SetOk(40, 50, 8), 2)}),
            std::nullopt);
}

TEST(VersionOrderTest, RejectsAReadOfAnOlderVersion) {
  EXPECT_NE(
      CheckVersionOrder({WithVersion(SetOk(0, 10, 7), 2), WithVersion(GetFound(20, 30, 6), 1)}),
      std::nullopt);
}

TEST(VersionOrderTest, RejectsAWriteUnderAnOldVersion) {
  EXPECT_NE(CheckVersionOrder({WithVersion(SetOk(0, 10, 7), 2), WithVersion(SetOk(20, 30, 8), 2)}),
            std::nullopt);
}

TEST(VersionOrderTest, ConcurrentOperationsMayGoEitherWay) {
  EXPECT_EQ(
      CheckVersionOrder({WithVersion(SetOk(0, 30, 7), 2), WithVersion(GetFound(20, 40, 6), 1)}),
      std::nullopt);
}

}  // namespace
}  // namespace quorumcache::history
