// SPDX-License-Identifier: Apache-2.0
#include "common/base/probe.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace quorumcache::base {
namespace {

const Probe* FindReached(absl::string_view name) {
  const std::vector<const Probe*> probes = ReachedProbes();
  const auto found = std::find_if(probes.begin(), probes.end(),
                                  [&](const Probe* probe) { return probe->name() == name; });
  return found == probes.end() ? nullptr : *found;
}

void MarkedBranch(bool take) {
  if (take) QC_PROBE("probe_test_marked_branch");
}

TEST(ProbeTest, AppearsOnlyOnceReachedAndCountsItsHits) {
  MarkedBranch(false);
  EXPECT_EQ(FindReached("probe_test_marked_branch"), nullptr);

  MarkedBranch(true);
  MarkedBranch(true);

  const Probe* probe = FindReached("probe_test_marked_branch");
  ASSERT_NE(probe, nullptr);
  EXPECT_EQ(probe->hits(), 2);
}

TEST(ProbeTest, ThreadsShareOneProbeAndLoseNoHit) {
  constexpr int kThreads = 4;
  constexpr int kHits = 1'000;

  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < kHits; ++j) QC_PROBE("probe_test_threads");
    });
  }
  for (std::thread& thread : threads) thread.join();

  ASSERT_NE(FindReached("probe_test_threads"), nullptr);
  EXPECT_EQ(FindReached("probe_test_threads")->hits(), kThreads * kHits);
}

}  // namespace
}  // namespace quorumcache::base
