// SPDX-License-Identifier: Apache-2.0
// SnapshotCollector: the last CoordinatorSnapshot as metrics. Series by node come and go with the
// cluster map.
#pragma once

#include <vector>

#include "common/base/mutex.h"
#include "coordinator/service/coordinator_snapshot.h"
#include "prometheus/collectable.h"

namespace quorumcache::service {

// Thread-safe.
class SnapshotCollector final : public prometheus::Collectable {
 public:
  void Publish(CoordinatorSnapshot snapshot);
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  mutable base::Mutex mutex_;
  CoordinatorSnapshot snapshot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::service
