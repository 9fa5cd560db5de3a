// SPDX-License-Identifier: Apache-2.0
// ProcessCollector: the usual process_* metrics, read from /proc/self at every scrape.
#pragma once

#include "prometheus/collectable.h"

namespace quorumcache::metrics {

// process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
// process_open_fds, process_max_fds, process_start_time_seconds, process_threads: names and meaning
// as in the Prometheus client libraries. What /proc does not tell is left out. Immutable.
class ProcessCollector final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace quorumcache::metrics
