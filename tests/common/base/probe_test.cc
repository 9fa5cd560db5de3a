// SPDX-License-Identifier: Apache-2.0
#include "common/base/probe.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace quorumcache::base {
namespace {

const Probe* Find(absl::string_view name) {
  const std::vector<const Probe*> probes = AllProbes();
  const auto found = std::find_if(probes.begin(), probes.end(),
                                  [&](const Probe* probe) { return probe->name() == name; });
  return found == probes.end() ? nullptr : *found;
}

void MarkedBranch(bool take) {
  if (take) QC_PROBE("probe_test_marked_branch");
}

TEST(ProbeTest, IsKnownBeforeItIsReachedAndCountsItsHits) {
  const Probe* probe = Find("probe_test_marked_branch");
  ASSERT_NE(probe, nullptr);

  MarkedBranch(false);
  EXPECT_EQ(probe->hits(), 0);

  MarkedBranch(true);
  MarkedBranch(true);
  EXPECT_EQ(probe->hits(), 2);
}

TEST(ProbeTest, AllAreInOrderOfTheirNames) {
  const std::vector<const Probe*> probes = AllProbes();

  EXPECT_TRUE(std::is_sorted(probes.begin(), probes.end(),
                             [](const Probe* a, const Probe* b) { return a->name() < b->name(); }));
  EXPECT_EQ(Find("probe_test_no_such_place"), nullptr);
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

  ASSERT_NE(Find("probe_test_threads"), nullptr);
  EXPECT_EQ(Find("probe_test_threads")->hits(), kThreads * kHits);
}

}  // namespace
}  // namespace quorumcache::base
