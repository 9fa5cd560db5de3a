// SPDX-License-Identifier: Apache-2.0
// What a replay found out, as text. Pure.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "cli/output.h"
#include "cli/replayer.h"

namespace quorumcache::cli {

struct ReplaySummary {
  std::string file;
  int value_cluster = 0;
  absl::Duration duration;
  ReplayCounts counts;
  LatencyRecorder gets;
  LatencyRecorder sets;
  ErrorCounts errors;

  double hit_ratio() const;
  // Of a cache that loses nothing and was cold: 1 - distinct / accesses.
  double predicted_hit_ratio() const;
  double operations_per_second() const;
};

std::string FormatReplay(OutputForm form, const ReplaySummary& summary);

}  // namespace quorumcache::cli
