// SPDX-License-Identifier: Apache-2.0
// Registry: the metrics of one process, and their text form for GET /metrics.
//
//   metrics::Registry registry;
//   metrics::Counter& hits = registry.AddCounter(names::kHits);
//   std::vector<metrics::Counter*> requests =
//       registry.AddCounters(names::kRequests, "operation", {"get", "set"});
//   hits.IncrementFromOwner();
//   std::string text = registry.RenderText();
//
// Every label pair is made when it is added and starts at 0, so that rate() and alerts see it from
// the first scrape on. Labels come from bounded sets only: never a key, an address of a client or
// an error text.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "common/metrics/latency_histogram.h"
#include "common/metrics/series.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace quorumcache::metrics {

// A metric's name and what it counts; constants in names.h.
struct MetricName {
  const char* name;
  const char* help;
};

// (name, value) pairs.
using Labels = std::vector<std::pair<std::string, std::string>>;

// Thread-safe. What Add... returns lives as long as the registry; adding the same name and labels
// twice, or one name as two types, is a broken invariant (QC_CHECK).
class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& AddCounter(const MetricName& name, Labels labels = {});
  Gauge& AddGauge(const MetricName& name, Labels labels = {});
  LatencyHistogram& AddHistogram(const MetricName& name, Writers writers, Labels labels = {});
  // Asked at every scrape, on the scraping thread: `read` must be thread-safe and must not block.
  void AddGaugeCallback(const MetricName& name, std::function<double()> read, Labels labels = {});
  void AddCounterCallback(const MetricName& name, std::function<double()> read, Labels labels = {});
  // Metrics that make themselves, such as ProcessCollector.
  void AddCollectable(std::shared_ptr<const prometheus::Collectable> collectable);

  // One a label value, in their order; `labels` are the same for all.
  std::vector<Counter*> AddCounters(const MetricName& name, absl::string_view label,
                                    const std::vector<std::string>& values, Labels labels = {});
  std::vector<Gauge*> AddGauges(const MetricName& name, absl::string_view label,
                                const std::vector<std::string>& values, Labels labels = {});
  std::vector<LatencyHistogram*> AddHistograms(const MetricName& name, absl::string_view label,
                                               const std::vector<std::string>& values,
                                               Writers writers, Labels labels = {});

  // All families, in the order of adding.
  std::vector<prometheus::MetricFamily> Collect() const;
  // Prometheus text format 0.0.4; its content type is kTextContentType.
  std::string RenderText() const;

 private:
  using Read = std::function<void(prometheus::ClientMetric&)>;

  struct Series {
    Labels labels;
    Read read;
  };
  struct Family {
    MetricName name;
    prometheus::MetricType type;
    std::vector<Series> series;
  };

  void AddSeries(const MetricName& name, prometheus::MetricType type, Labels labels, Read read)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  std::vector<Family> families_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const prometheus::Collectable>> collectables_ ABSL_GUARDED_BY(mutex_);
  // Addresses must not change.
  std::deque<Counter> counters_ ABSL_GUARDED_BY(mutex_);
  std::deque<Gauge> gauges_ ABSL_GUARDED_BY(mutex_);
  std::deque<LatencyHistogram> histograms_ ABSL_GUARDED_BY(mutex_);
};

inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace quorumcache::metrics
