// SPDX-License-Identifier: Apache-2.0
// Every planted bug is found within its budget of histories: docs/PROTOCOL.md#mutations.
#include <string>

#include "gtest/gtest.h"
#include "tests/sim/mutations.h"
#include "tests/sim/run.h"

namespace quorumcache::sim {
namespace {

class MutationTest : public testing::TestWithParam<NamedMutation> {};

TEST_P(MutationTest, IsFoundWithinItsBudget) {
  const NamedMutation& mutation = GetParam();
  uint64_t seed = 1;
  Verdict verdict;
  while (seed <= mutation.budget && verdict.ok()) {
    verdict = RunPlan(MakePlan(seed++, mutation.options.aim), mutation.options);
  }

  EXPECT_FALSE(verdict.ok()) << "not found in " << mutation.budget << " histories";
  RecordProperty("histories", static_cast<int>(seed - 1));
}

INSTANTIATE_TEST_SUITE_P(All, MutationTest,
                         testing::ValuesIn(AllMutations().begin(), AllMutations().end()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace quorumcache::sim
