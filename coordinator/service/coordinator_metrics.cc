// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/coordinator_metrics.h"

#include <string>

#include "common/metrics/names.h"
#include "coordinator/service/grpc_counters.h"
#include "coordinator/service/slow_operation.h"

namespace quorumcache::service {
namespace {

namespace names = metrics::coordinator;

// In the order of OperationKind.
std::vector<std::string> OperationNames() {
  std::vector<std::string> all;
  for (int kind = 0; kind < kOperationKindCount; ++kind) {
    all.emplace_back(OperationName(static_cast<OperationKind>(kind)));
  }
  return all;
}

// In the order of the codes; OK included, so that the code is the index.
std::vector<metrics::Counter*> AddErrors(metrics::Registry& registry,
                                         const std::string& operation) {
  std::vector<metrics::Counter*> counters;
  for (int code = 0; code < kStatusCodeCount; ++code) {
    counters.push_back(code == 0
                           ? nullptr
                           : &registry.AddCounter(names::kErrors, {{"operation", operation},
                                                                   {"code", GrpcCodeName(code)}}));
  }
  return counters;
}

}  // namespace

CoordinatorMetrics::CoordinatorMetrics(metrics::Registry& registry)
    : registry_(registry),
      hits_(registry.AddCounter(names::kHits)),
      misses_(registry.AddCounter(names::kMisses)),
      quorum_failures_(registry.AddCounter(names::kQuorumFailures)),
      unknown_outcomes_(registry.AddCounter(names::kUnknownOutcomes)),
      shed_(registry.AddCounter(names::kShed)),
      requests_(registry.AddCounters(names::kRequests, "operation", OperationNames())),
      latencies_(registry.AddHistograms(names::kRequestLatency, "operation", OperationNames(),
                                        metrics::Writers::kOne)),
      collector_(std::make_shared<SnapshotCollector>()) {
  for (const std::string& operation : OperationNames()) {
    errors_.push_back(AddErrors(registry, operation));
  }
  registry.AddCollectable(collector_);
}

void CoordinatorMetrics::OnAnswered(OperationKind kind, absl::Duration latency,
                                    const CacheResponse& response) {
  const size_t index = static_cast<size_t>(kind);
  requests_[index]->IncrementFromOwner();
  latencies_[index]->Observe(latency);
  if (!response.error.ok()) return OnError(kind, response.error);
  if (kind != OperationKind::kGet) return;
  (response.found ? hits_ : misses_).IncrementFromOwner();
}

void CoordinatorMetrics::OnError(OperationKind kind, const CacheError& error) {
  errors_[static_cast<size_t>(kind)][static_cast<size_t>(error.code)]->IncrementFromOwner();
  if (error.outcome_unknown) unknown_outcomes_.IncrementFromOwner();
  if (error.reason == "QUORUM_UNREACHABLE" || error.reason == "OUTCOME_UNKNOWN") {
    quorum_failures_.IncrementFromOwner();
  }
  if (error.reason == "OVERLOADED") shed_.IncrementFromOwner();
}

}  // namespace quorumcache::service
