// SPDX-License-Identifier: Apache-2.0
#include "tests/history/no_resurrection.h"

#include <optional>

#include "gtest/gtest.h"
#include "tests/history/test_histories.h"

namespace quorumcache::history {
namespace {

TEST(NoResurrectionTest, RejectsAReadOfADeletedValue) {
  const History history = {SetOk(0, 10, 7), DeleteOk(20, 30), GetFound(40, 50, 7)};

  EXPECT_NE(CheckNoResurrection(history), std::nullopt);
}

TEST(NoResurrectionTest, RejectsAReadOfAnOverwrittenValue) {
  EXPECT_NE(CheckNoResurrection({SetOk(0, 10, 7), SetOk(20, 30, 8), GetFound(40, 50, 7)}),
            std::nullopt);
}

TEST(NoResurrectionTest, AReadDuringTheDeleteIsFine) {
  EXPECT_EQ(CheckNoResurrection({SetOk(0, 10, 7), DeleteOk(20, 60), GetFound(40, 50, 7)}),
            std::nullopt);
}

}  // namespace
}  // namespace quorumcache::history
