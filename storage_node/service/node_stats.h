// SPDX-License-Identifier: Apache-2.0
// NodeStats: what the engine thread counts, for scrapes from other threads.
#pragma once

#include "common/metrics/series.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::node_service {

// Written by the engine thread a few times a second (totals since the start, and gauges), read by
// scrapes. Thread-safe.
struct NodeStats {
  metrics::Gauge reads, prepares, accepts;
  metrics::Gauge refused, turned_away, corrupt, failed_writes;
  metrics::Gauge cache_hits, cache_misses, cache_bytes, cache_bytes_max, cache_evictions;
  metrics::Gauge values, tombstones, value_bytes;
  metrics::Gauge expired_dropped, tombstones_dropped;
  metrics::Gauge garbage_entries, garbage_bytes;

  void Publish(const replica::Replica& replica);
};

}  // namespace quorumcache::node_service
