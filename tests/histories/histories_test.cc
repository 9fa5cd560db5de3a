// SPDX-License-Identifier: Apache-2.0
// The front page's sentence on real processes, shortly; qc-histories is for long runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/histories/dump.h"
#include "tests/histories/run.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::histories {
namespace {

using support::IsOk;

// What is wrong, and where the history is; it outlives the test.
std::string Evidence(const RunReport& report, uint64_t seed) {
  const auto path = DumpHistory(report, seed, std::filesystem::temp_directory_path());
  return absl::StrCat("history: ", path.value_or("not written"), "\n",
                      Explain(report, seed, " --seconds 4s"));
}

TEST(HistoriesTest, EveryWorkloadIsLinearizableUnderEveryFault) {
  const uint64_t seed = support::TestSeed() >> 32;
  support::TempDir directory;

  const auto report =
      RunOnce({.seed = seed, .length = absl::Seconds(4)}, directory.File("cluster"));

  ASSERT_THAT(report, IsOk());
  std::cout << Summary(*report) << std::endl;
  EXPECT_TRUE(report->ok()) << Evidence(*report, seed);
  EXPECT_GE(report->faults.size(), AllFaultKinds().size());
  EXPECT_GT(report->totals.acknowledged_writes, 0u);
}

// A checker that finds nothing proves nothing: consistency ONE promises less, and is found out.
TEST(HistoriesTest, ConsistencyOneIsFoundOut) {
  const uint64_t seed = support::TestSeed() >> 32;
  constexpr uint64_t kTriesMax = 5;

  for (uint64_t i = 0; i < kTriesMax; ++i) {
    support::TempDir directory;
    const auto report = RunOnce({.seed = seed + i,
                                 .length = absl::Seconds(1.5),
                                 .fault_kinds = {FaultKind::kDelayNode, FaultKind::kCutReplies},
                                 .weak = true},
                                directory.File("cluster"));
    ASSERT_THAT(report, IsOk());
    std::cout << Summary(*report) << std::endl;
    if (!report->ok()) return;
  }
  FAIL() << "no violation in " << kTriesMax << " runs with consistency ONE";
}

}  // namespace
}  // namespace quorumcache::histories
