// SPDX-License-Identifier: Apache-2.0
#include "tests/history/convergence.h"

#include "gtest/gtest.h"
#include "tests/history/test_histories.h"

namespace quorumcache::history {
namespace {

TEST(ConvergenceTest, AcceptsReadsThatTellTheSame) {
  EXPECT_EQ(CheckConvergence(History{GetMiss(0, 1), GetMiss(2, 3)}), std::nullopt);
  EXPECT_EQ(CheckConvergence(
                History{WithVersion(GetFound(0, 1, 7), 2), WithVersion(GetFound(2, 3, 7), 2)}),
            std::nullopt);
  EXPECT_EQ(CheckConvergence(History{}), std::nullopt);
}

TEST(ConvergenceTest, RejectsReadsThatDiffer) {
  EXPECT_NE(CheckConvergence(History{GetFound(0, 1, 7), GetMiss(2, 3)}), std::nullopt);
  EXPECT_NE(CheckConvergence(History{GetFound(0, 1, 7), GetFound(2, 3, 8)}), std::nullopt);
  EXPECT_NE(CheckConvergence(
                History{WithVersion(GetFound(0, 1, 7), 1), WithVersion(GetFound(2, 3, 7), 2)}),
            std::nullopt);
}

TEST(ConvergenceTest, RejectsAReadWithoutAnAnswerEvenWhereTheyMayDiffer) {
  const History history = {Unknown(GetMiss(0, 1)), GetMiss(2, 3)};

  EXPECT_NE(CheckConvergence(history, /*must_agree=*/false), std::nullopt);
  EXPECT_EQ(CheckConvergence(History{GetFound(0, 1, 7), GetMiss(2, 3)}, /*must_agree=*/false),
            std::nullopt);
}

}  // namespace
}  // namespace quorumcache::history
