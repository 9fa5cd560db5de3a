// SPDX-License-Identifier: Apache-2.0
// A quick run of the simulator, and the proof that it is one: the same seed gives the same run, and
// a failing plan shrinks to a smaller one that fails.
#include "gtest/gtest.h"
#include "tests/sim/mutations.h"
#include "tests/sim/run.h"
#include "tests/support/seed.h"

namespace quorumcache::sim {
namespace {

// Some seconds in a Debug build; `./dev sim --histories N` runs the optimised one for as long as
// you like.
constexpr uint64_t kHistories = 10'000;

TEST(SimTest, FreshHistoriesAreClean) {
  const uint64_t from = support::TestSeed() % 1'000'000'000;
  uint64_t operations = 0;
  for (uint64_t seed = from; seed < from + kHistories; ++seed) {
    const Verdict verdict = RunPlan(MakePlan(seed), {});
    ASSERT_TRUE(verdict.ok()) << "qc-sim --seed " << seed << ": " << verdict.violation;
    operations += verdict.world.operations;
  }
  EXPECT_GT(operations, kHistories);
}

TEST(SimTest, SameSeedSameRun) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Verdict first = RunPlan(MakePlan(seed), {});
    const Verdict second = RunPlan(MakePlan(seed), {});
    ASSERT_EQ(first.world.state_hash, second.world.state_hash) << seed;
    ASSERT_EQ(Describe(first.world.history), Describe(second.world.history)) << seed;
  }
}

TEST(SimTest, AFailingPlanShrinks) {
  const NamedMutation& mutation = *FindMutation("read_one_replica");
  uint64_t seed = 1;
  while (RunPlan(MakePlan(seed), mutation.options).ok()) ++seed;
  const Plan plan = MakePlan(seed);

  const Plan smallest = Shrink(plan, mutation.options);

  EXPECT_FALSE(RunPlan(smallest, mutation.options).ok());
  EXPECT_LT(smallest.ops.size(), plan.ops.size());
}

}  // namespace
}  // namespace quorumcache::sim
