// SPDX-License-Identifier: Apache-2.0
#include "common/base/check.h"

#include "gtest/gtest.h"

namespace quorumcache::base {
namespace {

TEST(CheckDeathTest, FalseConditionAbortsAndSaysWhereAndWhat) {
  const int answer = 41;

  EXPECT_EXIT(QC_CHECK(answer == 42), testing::KilledBySignal(SIGABRT),
              "check_test\\.cc:[0-9]+: check failed: answer == 42");
}

TEST(CheckTest, TrueConditionIsEvaluatedOnceAndPasses) {
  int calls = 0;

  QC_CHECK(++calls == 1);

  EXPECT_EQ(calls, 1);
}

TEST(CheckTest, StandsAloneInAnIfWithoutBraces) {
  bool reached = false;

  if (reached)
    QC_CHECK(false);
  else
    reached = true;

  EXPECT_TRUE(reached);
}

}  // namespace
}  // namespace quorumcache::base
