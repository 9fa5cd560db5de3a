// SPDX-License-Identifier: Apache-2.0
// What a benchmark measured, as text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/cpu_meter.h"
#include "cli/load_runner.h"
#include "cli/output.h"

namespace quorumcache::cli {

struct BenchSummary {
  std::string workload;
  std::string door;
  size_t outstanding = 0;
  double rate = 0;
  absl::Duration duration;
  LoadCounts counts;
  std::vector<ProcessCpu> cpu;

  // CPU microseconds an operation; 0 where none succeeded.
  double CpuPerOperation(absl::Duration cpu) const;
  // Successes of the client that had fewest, and most.
  std::pair<uint64_t, uint64_t> Shares() const;
  absl::Duration TotalCpu() const;
};

// JSON is one line.
std::string FormatBench(OutputForm form, const BenchSummary& summary);

}  // namespace quorumcache::cli
