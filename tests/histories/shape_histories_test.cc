// SPDX-License-Identifier: Apache-2.0
// A cluster that changes its shape under plain and conditional operations, shortly: the history is
// linearizable, nothing acknowledged is lost. `qc-histories --shape` is for long runs.
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

void ExpectLinearizable(RunOptions options) {
  options.seed = support::TestSeed() >> 32;
  options.length = absl::Seconds(3);
  support::TempDir directory;

  const auto report = RunOnce(options, directory.File("cluster"));

  ASSERT_THAT(report, IsOk());
  std::cout << Summary(*report) << std::endl;
  const std::string folder = std::filesystem::temp_directory_path();
  EXPECT_TRUE(report->ok()) << "history: "
                            << DumpHistory(*report, options.seed, folder).value_or("not written")
                            << "\n"
                            << Explain(*report, options.seed, " --shape");
  EXPECT_GE(report->faults.size(), options.shapes.size());
  EXPECT_GT(report->totals.acknowledged_writes, 0u);
}

TEST(ShapeHistoriesTest, NodesJoinAndDieWhileTheyAreCopiedFrom) {
  ExpectLinearizable({.shapes = {ShapeKind::kKillSource, ShapeKind::kReplaceDead}});
}

TEST(ShapeHistoriesTest, ADriverDiesAndAChangeIsAborted) {
  ExpectLinearizable({.shapes = {ShapeKind::kKillDriver, ShapeKind::kAbort}});
}

}  // namespace
}  // namespace quorumcache::histories
