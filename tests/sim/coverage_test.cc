// SPDX-License-Identifier: Apache-2.0
// What the simulator never gets to it cannot refute: 10,000 seeds reach every probe in what it
// runs, and make every kind of trouble.
#include <cstdint>
#include <iostream>

#include "gtest/gtest.h"
#include "tests/sim/report.h"
#include "tests/sim/run.h"

namespace quorumcache::sim {
namespace {

// Where a probe is new and rare, give the generator an aim for it (plan.h) rather than more seeds.
constexpr uint64_t kSeeds = 10'000;

TEST(CoverageTest, TenThousandSeedsReachEveryProbeAndMakeEveryFault) {
  Totals totals;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Verdict verdict = RunPlan(MakePlan(seed), {});
    ASSERT_TRUE(verdict.ok()) << DescribeFailure(seed, "", {});
    totals.Add(verdict);
  }
  std::cout << Describe(totals.faults) << Describe(totals.steps);

  EXPECT_EQ(UnreachedProbes(), "");
  EXPECT_EQ(MissingFaults(totals.faults), "");
  EXPECT_EQ(MissingSteps(totals.steps), "");
}

}  // namespace
}  // namespace quorumcache::sim
