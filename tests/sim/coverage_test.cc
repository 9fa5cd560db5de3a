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
  std::cout << Describe(totals.faults);

  // Members do not change here: nobody joins.
  EXPECT_EQ(UnreachedProbes(),
            "replica_copy_is_not_whole, replica_join_begins, replica_join_not_known_yet");
  EXPECT_EQ(MissingFaults(totals.faults), "");
}

}  // namespace
}  // namespace quorumcache::sim
