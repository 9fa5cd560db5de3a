// SPDX-License-Identifier: Apache-2.0
// The simulator's run of every CI, and the proof that it is one: the same seed gives the same run,
// and a failing plan shrinks to a smaller one that fails.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "common/base/check.h"
#include "gtest/gtest.h"
#include "tests/history/json_lines.h"
#include "tests/sim/mutations.h"
#include "tests/sim/report.h"
#include "tests/sim/run.h"
#include "tests/support/seed.h"

namespace quorumcache::sim {
namespace {

// QC_SIM_HISTORIES: tests/sim/CMakeLists.txt asks for fewer where a sanitizer slows them down.
uint64_t HistoriesWanted() {
  const char* text = std::getenv("QC_SIM_HISTORIES");
  uint64_t histories = 100'000;
  const bool is_number = text == nullptr || absl::SimpleAtoi(text, &histories);
  QC_CHECK(is_number);
  return histories;
}

TEST(SimTest, FreshHistoriesAreClean) {
  const uint64_t from = support::TestSeed() % 1'000'000'000'000;
  const uint64_t histories = HistoriesWanted();
  Totals totals;
  for (uint64_t seed = from; seed < from + histories; ++seed) {
    const Verdict verdict = RunPlan(MakePlan(seed), {});
    ASSERT_TRUE(verdict.ok()) << DescribeFailure(seed, "", {});
    totals.Add(verdict);
  }
  std::cout << "from " << from << ": "
            << Describe(totals, static_cast<double>(std::clock()) / CLOCKS_PER_SEC)
            << Describe(totals.faults) << Describe(totals.steps);
  EXPECT_EQ(totals.undecided, 0u);
  EXPECT_LT(totals.unknown, totals.operations / 2);
}

TEST(SimTest, TheSameSeedGivesTheSameRun) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Verdict first = RunPlan(MakePlan(seed), {});
    const Verdict second = RunPlan(MakePlan(seed), {});
    ASSERT_EQ(first.world.state_hash, second.world.state_hash) << seed;
    ASSERT_EQ(Describe(first.world.history), Describe(second.world.history)) << seed;
    hashes.insert(first.world.state_hash);
  }
  EXPECT_EQ(hashes.size(), 200u);
}

TEST(SimTest, AFailingPlanShrinks) {
  const NamedMutation& mutation = *FindMutation("read_one_replica");
  uint64_t seed = 1;
  while (RunPlan(MakePlan(seed), mutation.options).ok()) ++seed;
  const Plan plan = MakePlan(seed);

  const Plan smallest = Shrink(plan, mutation.options);

  EXPECT_FALSE(RunPlan(smallest, mutation.options).ok());
  EXPECT_LT(smallest.ops.size(), plan.ops.size());
  EXPECT_LE(smallest.faults.size(), plan.faults.size());
  for (const SimClock& clock : smallest.node_clocks) EXPECT_EQ(clock.drift_permille, 0);
}

TEST(SimTest, AFailureSaysHowToSeeItAgain) {
  const NamedMutation& mutation = *FindMutation("read_one_replica");
  uint64_t seed = 1;
  while (RunPlan(MakePlan(seed), mutation.options).ok()) ++seed;

  const std::string text = DescribeFailure(seed, mutation.name, mutation.options);

  EXPECT_NE(
      text.find("replay: qc-sim --seed " + std::to_string(seed) + " --mutation read_one_replica"),
      std::string::npos);
  EXPECT_NE(text.find("state hash"), std::string::npos);
  EXPECT_NE(text.find(" get "), std::string::npos);
}

TEST(SimTest, AHistoryIsWrittenAsTwoLinesPerOperation) {
  const Verdict verdict = RunPlan(MakePlan(1), {});

  const std::string text = history::ToJsonLines(verdict.world.history);

  EXPECT_EQ(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')),
            2 * verdict.world.history.size());
  EXPECT_EQ(text.find("{\"process\":"), 0u);
}

}  // namespace
}  // namespace quorumcache::sim
