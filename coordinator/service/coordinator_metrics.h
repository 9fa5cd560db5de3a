// SPDX-License-Identifier: Apache-2.0
// CoordinatorMetrics: everything a coordinator exports but gRPC's own counts and process_*.
//
// What happens per request is counted as it happens; what is a state (health, streams, queue
// lengths) is published by the loop's thread once a second and on changes, and read by scrapes.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/metrics/registry.h"
#include "coordinator/service/coordinator_snapshot.h"
#include "coordinator/service/request_metrics.h"
#include "coordinator/service/snapshot_collector.h"

namespace quorumcache::service {

// OnAnswered and Publish belong to the loop's thread.
class CoordinatorMetrics final : public RequestMetrics {
 public:
  // Adds all series to `registry`. Both outlive this.
  explicit CoordinatorMetrics(metrics::Registry& registry);

  metrics::Registry& registry() { return registry_; }

  void OnAnswered(OperationKind kind, absl::Duration latency,
                  const CacheResponse& response) override;
  void Publish(CoordinatorSnapshot snapshot) { collector_->Publish(std::move(snapshot)); }

 private:
  void OnError(OperationKind kind, const CacheError& error);

  metrics::Registry& registry_;
  metrics::Counter& hits_;
  metrics::Counter& misses_;
  metrics::Counter& quorum_failures_;
  metrics::Counter& unknown_outcomes_;
  metrics::Counter& shed_;
  // By OperationKind.
  std::vector<metrics::Counter*> requests_;
  std::vector<metrics::LatencyHistogram*> latencies_;
  // By OperationKind, then by code.
  std::vector<std::vector<metrics::Counter*>> errors_;
  std::shared_ptr<SnapshotCollector> collector_;
};

}  // namespace quorumcache::service
