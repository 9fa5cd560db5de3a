// SPDX-License-Identifier: Apache-2.0
// A short run in which iptables loses packets below TCP, where the machine allows that.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "tests/histories/dump.h"
#include "tests/histories/packet_filter.h"
#include "tests/histories/run.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::histories {
namespace {

using support::IsOk;

TEST(PacketHistoriesTest, EveryWorkloadIsLinearizableWhilePacketsAreLost) {
  const absl::Status entered = EnterPrivateNetwork();
  if (!entered.ok()) {
    std::cout << "*** NOT CHECKED: no packets can be lost here: " << entered << std::endl;
    GTEST_SKIP() << entered;
  }
  const uint64_t seed = support::TestSeed() >> 32;
  support::TempDir directory;

  const auto report = RunOnce({.seed = seed, .length = absl::Seconds(4), .drops_packets = true},
                              directory.File("cluster"));

  ASSERT_THAT(report, IsOk());
  std::cout << Summary(*report) << std::endl;
  const auto path = DumpHistory(*report, seed, std::filesystem::temp_directory_path());
  EXPECT_TRUE(report->ok()) << Explain(*report, seed, " --packets --seconds 4s");
  EXPECT_GT(report->totals.acknowledged_writes, 0u);
  // A short one may strike a member that is silent just then; not most of the five.
  const auto struck = std::count_if(
      report->faults.begin(), report->faults.end(),
      [](const std::string& fault) { return absl::StrContains(fault, "packets lost"); });
  EXPECT_GE(struck, 2) << absl::StrJoin(report->faults, "\n");
}

}  // namespace
}  // namespace quorumcache::histories
