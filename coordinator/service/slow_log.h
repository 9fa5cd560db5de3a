// SPDX-License-Identifier: Apache-2.0
// SlowLog: the last operations that took longer than --slow-threshold, and which of them become
// lines of the log.
//
// All are kept in memory, limits::kSlowLogEntriesMax at most, and counted; a line is written for
// one a second, or a cluster in trouble would fill its disks with lines that say the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/base/time.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

struct SlowLogOptions {
  // What takes longer is slow; infinite: nothing is.
  absl::Duration threshold = absl::InfiniteDuration();
  // The coordinator's name.
  std::string coordinator;
};

// Thread-compatible.
class SlowLog {
 public:
  explicit SlowLog(SlowLogOptions options) : options_(std::move(options)) {}

  // All that a fast operation costs.
  bool IsSlow(absl::Duration took) const { return took > options_.threshold; }
  bool enabled() const { return options_.threshold != absl::InfiniteDuration(); }

  // Keeps `operation`, whose end is `now`. Returns the line to log, unless there was one within the
  // last second.
  [[nodiscard]] std::optional<std::string> Add(SlowOperation operation, base::MonotonicTime now);

  SlowLogView Read(const SlowLogRequest& request);
  // Since the start; a reset does not change it.
  uint64_t total() const { return total_; }

 private:
  const SlowLogOptions options_;
  std::deque<SlowOperation> operations_;  // oldest first
  uint64_t total_ = 0;
  // Of the last line; and operations since then that got none.
  std::optional<base::MonotonicTime> told_at_;
  uint64_t untold_ = 0;
};

// One line, without its end.
std::string SlowOperationText(const SlowOperation& operation);

}  // namespace quorumcache::service
