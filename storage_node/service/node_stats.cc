// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/node_stats.h"

namespace quorumcache::node_service {
namespace {

void Set(metrics::Gauge& gauge, uint64_t value) {
  gauge.Set(static_cast<int64_t>(value));
}

}  // namespace

void NodeStats::Publish(const replica::Replica& replica) {
  const replica::ReplicaCounters& counters = replica.counters();
  Set(reads, counters.reads);
  Set(prepares, counters.prepares);
  Set(accepts, counters.accepts);
  Set(refused, counters.refused);
  Set(turned_away, counters.turned_away);
  Set(corrupt, counters.corrupt);
  Set(failed_writes, counters.failed_writes);
  Set(cache_hits, replica.cache().hits());
  Set(cache_misses, replica.cache().misses());
  Set(cache_bytes, replica.cache().bytes());
  Set(cache_bytes_max, replica.cache().bytes_max());
  Set(cache_evictions, replica.cache().evictions());
  values.Set(replica.counts().values);
  tombstones.Set(replica.counts().tombstones);
  value_bytes.Set(replica.counts().bytes);
  Set(expired_dropped, counters.expired_dropped);
  Set(tombstones_dropped, counters.tombstones_dropped);
  Set(garbage_entries, replica.garbage().waiting_count());
  Set(garbage_bytes, replica.garbage().waiting_bytes());
}

}  // namespace quorumcache::node_service
