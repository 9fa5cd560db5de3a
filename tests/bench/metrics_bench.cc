// SPDX-License-Identifier: Apache-2.0
// What counting costs: the CPU that one request spends in metrics, and one scrape.
//
// Divide by the CPU of a whole operation (qcctl bench): docs/OPERATIONS.md#metrics-cost.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "common/metrics/process_collector.h"
#include "coordinator/service/coordinator_metrics.h"

namespace quorumcache::service {
namespace {

// All that a coordinator counts for one answered request, but for its two reads of the clock, which
// the operation's deadline needs anyway.
void BM_CountOneRequest(benchmark::State& state) {
  metrics::Registry registry;
  CoordinatorMetrics metrics(registry);
  CacheResponse response;
  response.found = true;
  int64_t nanos = 0;
  for (auto _ : state) {
    nanos = (nanos + 7919) % 2'000'000;  // over all usual buckets
    metrics.OnAnswered(nanos % 5 == 0 ? OperationKind::kSet : OperationKind::kGet,
                       absl::Nanoseconds(nanos), response);
  }
}
BENCHMARK(BM_CountOneRequest);

void BM_Scrape(benchmark::State& state) {
  metrics::Registry registry;
  registry.AddCollectable(std::make_shared<metrics::ProcessCollector>());
  CoordinatorMetrics metrics(registry);
  for (auto _ : state) benchmark::DoNotOptimize(registry.RenderText());
}
BENCHMARK(BM_Scrape)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace quorumcache::service

BENCHMARK_MAIN();
