// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/hedge_budget.h"

#include <gtest/gtest.h>

namespace quorumcache::service {
namespace {

constexpr absl::Duration kWanted = absl::Milliseconds(3);

TEST(HedgeBudgetTest, FewHedgesAreAllowedForEver) {
  HedgeBudget budget;
  uint64_t hedges = 0;
  for (int read = 1; read <= 100'000; ++read) {
    ASSERT_EQ(budget.DelayFor(kWanted, hedges), kWanted) << read;
    if (read % 50 == 0) ++hedges;
  }
}

TEST(HedgeBudgetTest, HedgingEveryReadEndsSoon) {
  HedgeBudget budget;
  uint64_t hedges = 0;
  for (int read = 0; read < 10'000; ++read) {
    if (budget.DelayFor(kWanted, hedges) == kWanted) ++hedges;
  }
  EXPECT_LT(hedges, 10'000 / HedgeBudget::kReadsPerHedge + HedgeBudget::kHedgesSavedMax + 2);
  EXPECT_GT(hedges, HedgeBudget::kHedgesSavedMax);
}

TEST(HedgeBudgetTest, BudgetComesBack) {
  HedgeBudget budget;
  (void)budget.DelayFor(kWanted, 1000);
  EXPECT_EQ(budget.DelayFor(kWanted, 1000), HedgeBudget::kPatientDelay);

  for (int read = 0; read < 3000; ++read) (void)budget.DelayFor(kWanted, 1000);

  EXPECT_EQ(budget.DelayFor(kWanted, 1000), kWanted);
}

TEST(HedgeBudgetTest, LongerDelayThanPatientStays) {
  HedgeBudget budget;
  (void)budget.DelayFor(kWanted, 1000);

  EXPECT_EQ(budget.DelayFor(absl::Seconds(1), 1000), absl::Seconds(1));
}

}  // namespace
}  // namespace quorumcache::service
