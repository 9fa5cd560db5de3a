// SPDX-License-Identifier: Apache-2.0
// MapReports: hands what a topology watch reports to the test's thread, in order.
#pragma once

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"

namespace quorumcache::topology {

// Thread-safe; outlives the watch.
class MapReports {
 public:
  TopologyCallback Callback() {
    return [this](const absl::StatusOr<ClusterMap>& report) { Add(report); };
  }
  void Add(const absl::StatusOr<ClusterMap>& report) {
    const base::MutexLock lock(mutex_);
    reports_.push_back(report);
    changed_.NotifyAll();
  }
  // Waits for the next one; ctest ends a test that waits in vain.
  absl::StatusOr<ClusterMap> Take() {
    const base::MutexLock lock(mutex_);
    while (reports_.empty()) changed_.Wait(mutex_);
    absl::StatusOr<ClusterMap> report = std::move(reports_.front());
    reports_.pop_front();
    return report;
  }
  // Leaves out what comes before a map of `epoch` or later: failures, and maps on the way.
  absl::StatusOr<ClusterMap> TakeUntil(uint64_t epoch) {
    while (true) {
      absl::StatusOr<ClusterMap> report = Take();
      if (report.ok() && report->epoch >= epoch) return report;
    }
  }
  bool empty() {
    const base::MutexLock lock(mutex_);
    return reports_.empty();
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<absl::StatusOr<ClusterMap>> reports_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::topology
