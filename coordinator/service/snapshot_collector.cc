// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/snapshot_collector.h"

#include <string>
#include <utility>

#include "common/metrics/names.h"
#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"

namespace quorumcache::service {
namespace {

namespace names = metrics::coordinator;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily MakeFamily(const metrics::MetricName& name, MetricType type) {
  MetricFamily family;
  family.name = name.name;
  family.help = name.help;
  family.type = type;
  return family;
}

void Add(MetricFamily& family, double value, const metrics::Labels& labels = {}) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  for (const auto& [label, text] : labels) metric.label.push_back({label, text});
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

MetricFamily One(const metrics::MetricName& name, MetricType type, double value) {
  MetricFamily family = MakeFamily(name, type);
  Add(family, value);
  return family;
}

// One series a node; `read` takes its value from a ReplicaStats.
template <typename Read>
MetricFamily PerNode(const metrics::MetricName& name, MetricType type,
                     const CoordinatorSnapshot& snapshot, Read read) {
  MetricFamily family = MakeFamily(name, type);
  for (const ReplicaStats& stats : snapshot.replicas) {
    Add(family, read(stats), {{"node", stats.node_id}});
  }
  return family;
}

MetricFamily Latencies(const CoordinatorSnapshot& snapshot) {
  MetricFamily family = MakeFamily(names::kReplicaLatency, MetricType::Gauge);
  for (const ReplicaStats& stats : snapshot.replicas) {
    Add(family, stats.latency_mean_seconds, {{"node", stats.node_id}, {"stat", "mean"}});
    Add(family, stats.latency_p99_seconds, {{"node", stats.node_id}, {"stat", "p99"}});
  }
  return family;
}

MetricFamily Ranges(const ClusterHealth& health) {
  MetricFamily family = MakeFamily(names::kRanges, MetricType::Gauge);
  Add(family, health.partitions_all_ok, {{"state", "all_ok"}});
  Add(family, health.partitions_quorum, {{"state", "quorum"}});
  Add(family, health.partitions_lost, {{"state", "lost"}});
  return family;
}

MetricFamily RebalanceReplicas(const RebalanceStats& stats) {
  MetricFamily family = MakeFamily(names::kRebalanceReplicas, MetricType::Gauge);
  Add(family, stats.replicas_done, {{"state", "done"}});
  Add(family, stats.replicas_moving, {{"state", "moving"}});
  Add(family, stats.replicas_total - stats.replicas_done - stats.replicas_moving,
      {{"state", "waiting"}});
  return family;
}

void AppendCluster(const CoordinatorSnapshot& snapshot, std::vector<MetricFamily>& families) {
  const ClusterHealth& health = snapshot.health;
  families.push_back(Ranges(health));
  families.push_back(One(names::kClusterHealthy, MetricType::Gauge, health.ready() ? 1 : 0));
  families.push_back(RebalanceReplicas(snapshot.rebalance));
  families.push_back(
      One(names::kRebalanceDrives, MetricType::Gauge, snapshot.rebalance.drives ? 1 : 0));
  families.push_back(
      One(metrics::kTopologyEpoch, MetricType::Gauge, static_cast<double>(health.epoch)));
  families.push_back(One(metrics::kTopologyAge, MetricType::Gauge, snapshot.map_age_seconds));
}

void AppendOperations(const CoordinatorSnapshot& snapshot, std::vector<MetricFamily>& families) {
  const OpRunner::Counters& operations = snapshot.operations;
  const auto add_counter = [&families](const metrics::MetricName& name, uint64_t value) {
    families.push_back(One(name, MetricType::Counter, static_cast<double>(value)));
  };
  families.push_back(
      One(names::kInFlight, MetricType::Gauge, static_cast<double>(snapshot.in_flight)));
  add_counter(names::kHedges, operations.hedges);
  add_counter(names::kReadRepairs, operations.repairs);
  add_counter(names::kWriteFallbacks, operations.fallbacks);
  add_counter(names::kSlowOperations, snapshot.slow_operations);
}

// The streams themselves, below the requests.
void AppendLinks(const CoordinatorSnapshot& snapshot, std::vector<MetricFamily>& families) {
  const auto add = [&](const metrics::MetricName& name, MetricType type,
                       uint64_t ReplicaStats::*field) {
    families.push_back(PerNode(name, type, snapshot, [field](const ReplicaStats& stats) {
      return static_cast<double>(stats.*field);
    }));
  };
  add(names::kReplicaBatches, MetricType::Counter, &ReplicaStats::batches);
  add(names::kReplicaConnects, MetricType::Counter, &ReplicaStats::connects);
  add(names::kReplicaBreaks, MetricType::Counter, &ReplicaStats::breaks);
  add(names::kReplicaInFlight, MetricType::Gauge, &ReplicaStats::in_flight);
}

void AppendReplicas(const CoordinatorSnapshot& snapshot, std::vector<MetricFamily>& families) {
  families.push_back(PerNode(names::kReplicaUp, MetricType::Gauge, snapshot,
                             [](const ReplicaStats& stats) { return stats.up ? 1.0 : 0.0; }));
  families.push_back(
      PerNode(names::kReplicaRequests, MetricType::Counter, snapshot,
              [](const ReplicaStats& stats) { return static_cast<double>(stats.requests); }));
  families.push_back(
      PerNode(names::kReplicaFailures, MetricType::Counter, snapshot,
              [](const ReplicaStats& stats) { return static_cast<double>(stats.failures); }));
  AppendLinks(snapshot, families);
  families.push_back(Latencies(snapshot));
}

}  // namespace

void SnapshotCollector::Publish(CoordinatorSnapshot snapshot) {
  const base::MutexLock lock(mutex_);
  snapshot_ = std::move(snapshot);
}

std::vector<MetricFamily> SnapshotCollector::Collect() const {
  CoordinatorSnapshot snapshot;
  {
    const base::MutexLock lock(mutex_);
    snapshot = snapshot_;
  }
  std::vector<MetricFamily> families;
  AppendCluster(snapshot, families);
  AppendOperations(snapshot, families);
  AppendReplicas(snapshot, families);
  return families;
}

}  // namespace quorumcache::service
