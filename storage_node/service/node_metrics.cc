// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/node_metrics.h"

#include <string>

#include "common/metrics/names.h"

namespace quorumcache::node_service {
namespace {

namespace names = metrics::storage_node;

void AddGauge(const metrics::MetricName& name, const metrics::Gauge& gauge,
              metrics::Registry* registry) {
  registry->AddGaugeCallback(name, [&gauge] { return static_cast<double>(gauge.value()); });
}

void AddTotal(const metrics::MetricName& name, const metrics::Gauge& total, metrics::Labels labels,
              metrics::Registry* registry) {
  registry->AddCounterCallback(
      name, [&total] { return static_cast<double>(total.value()); }, std::move(labels));
}

void AddReplicaMetrics(const NodeStats& stats, metrics::Registry* registry) {
  AddTotal(names::kReplicaRequests, stats.reads, {{"kind", "read"}}, registry);
  AddTotal(names::kReplicaRequests, stats.prepares, {{"kind", "prepare"}}, registry);
  AddTotal(names::kReplicaRequests, stats.accepts, {{"kind", "accept"}}, registry);
  AddTotal(names::kRefusals, stats.refused, {{"reason", "ballot"}}, registry);
  AddTotal(names::kRefusals, stats.turned_away, {{"reason", "turned_away"}}, registry);
  AddTotal(names::kRefusals, stats.failed_writes, {{"reason", "failed_write"}}, registry);
  AddTotal(names::kChecksumErrors, stats.corrupt, {}, registry);
  AddTotal(names::kRecordCacheHits, stats.cache_hits, {}, registry);
  AddTotal(names::kRecordCacheMisses, stats.cache_misses, {}, registry);
  AddTotal(names::kRecordCacheEvictions, stats.cache_evictions, {}, registry);
  AddGauge(names::kRecordCacheBytes, stats.cache_bytes, registry);
  AddGauge(names::kRecordCacheCapacity, stats.cache_bytes_max, registry);
  AddGauge(names::kEntries, stats.values, registry);
  AddGauge(names::kTombstones, stats.tombstones, registry);
  AddGauge(names::kBytes, stats.value_bytes, registry);
  AddTotal(names::kExpirations, stats.expired_dropped, {}, registry);
  AddTotal(names::kTombstonesDropped, stats.tombstones_dropped, {}, registry);
  AddGauge(names::kGarbageEntries, stats.garbage_entries, registry);
  AddGauge(names::kGarbageBytes, stats.garbage_bytes, registry);
}

void AddCounter(const metrics::MetricName& name, const metrics::Counter& counter,
                metrics::Labels labels, metrics::Registry* registry) {
  registry->AddCounterCallback(
      name, [&counter] { return static_cast<double>(counter.value()); }, std::move(labels));
}

void AddGarbageMetrics(const transfer::GarbageStats& stats, metrics::Registry* registry) {
  for (size_t i = 0; i < stats.rounds.size(); ++i) {
    AddCounter(names::kGarbageRounds, stats.rounds[i], {{"result", transfer::kRoundEndNames[i]}},
               registry);
  }
  for (size_t i = 0; i < stats.waiting.size(); ++i) {
    registry->AddGaugeCallback(
        names::kGarbageWaiting,
        [&gauge = stats.waiting[i]] { return static_cast<double>(gauge.value()); },
        {{"reason", transfer::kWaitReasonNames[i]}});
  }
  AddCounter(names::kGarbagePasses, stats.passes, {}, registry);
  AddCounter(names::kGarbageRepairedKeys, stats.repaired_keys, {}, registry);
  AddCounter(names::kGarbageWalkedBytes, stats.walked_bytes, {}, registry);
  AddGauge(names::kGarbageOverduePartitions, stats.overdue_partitions, registry);
  registry->AddGaugeCallback(names::kGarbageOldest, [&oldest = stats.oldest_overdue_ms] {
    return static_cast<double>(oldest.value()) / 1000;
  });
}

void AddTransferMetrics(const NodeMetricSources& sources, metrics::Registry* registry) {
  AddGauge(names::kRebalanceJoining, sources.mover.joins_left, registry);
  AddGauge(names::kRebalanceLeaving, sources.mover.drops_left, registry);
  AddCounter(names::kRebalanceReceived, sources.mover.bytes_received, {}, registry);
  AddCounter(names::kRebalanceSent, sources.transfer.bytes_sent(), {}, registry);
  AddCounter(names::kRebalancePagesFailed, sources.mover.pages_failed, {}, registry);
  AddCounter(names::kRebalanceDropped, sources.mover.entries_dropped, {}, registry);
}

}  // namespace

void AddNodeMetrics(const NodeMetricSources& sources, metrics::Registry* registry) {
  AddReplicaMetrics(sources.stats, registry);
  AddGarbageMetrics(sources.garbage, registry);
  AddTransferMetrics(sources, registry);
  registry->AddCounterCallback(
      names::kRefusals,
      [&exchange = sources.exchange] { return static_cast<double>(exchange.overloaded().value()); },
      {{"reason", "overloaded"}});
  registry->AddGaugeCallback(metrics::kReady,
                             [&status = sources.status] { return status.IsReady() ? 1.0 : 0.0; });
  registry->AddGaugeCallback(
      names::kReadOnly, [&status = sources.status] { return status.IsReadOnly() ? 1.0 : 0.0; });
  registry->AddGaugeCallback(names::kStreams, [&streams = sources.streams] {
    return static_cast<double>(streams.stream_count());
  });
  registry->AddGaugeCallback(metrics::kTopologyEpoch, [&topology = sources.topology] {
    return static_cast<double>(topology.epoch());
  });
  registry->AddGaugeCallback(metrics::kTopologyAge,
                             [&topology = sources.topology] { return topology.AgeSeconds(); });
}

}  // namespace quorumcache::node_service
