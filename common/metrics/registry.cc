// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/registry.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include "common/base/check.h"
#include "prometheus/text_serializer.h"

namespace quorumcache::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

Labels With(Labels labels, absl::string_view name, const std::string& value) {
  labels.emplace_back(std::string(name), value);
  return labels;
}

std::vector<ClientMetric::Label> ToPrometheus(const Labels& labels) {
  std::vector<ClientMetric::Label> result;
  for (const auto& [name, value] : labels) result.push_back({name, value});
  return result;
}

}  // namespace

void Registry::AddSeries(const MetricName& name, MetricType type, Labels labels, Read read) {
  const absl::string_view wanted = name.name;
  auto family = std::find_if(families_.begin(), families_.end(),
                             [&](const Family& other) { return other.name.name == wanted; });
  if (family == families_.end()) {
    families_.push_back({name, type, {}});
    family = std::prev(families_.end());
  }
  QC_CHECK(family->type == type);
  for (const Series& other : family->series) QC_CHECK(other.labels != labels);
  family->series.push_back({std::move(labels), std::move(read)});
}

Counter& Registry::AddCounter(const MetricName& name, Labels labels) {
  base::MutexLock lock(mutex_);
  Counter& counter = counters_.emplace_back();
  AddSeries(name, MetricType::Counter, std::move(labels), [&counter](ClientMetric& metric) {
    metric.counter.value = static_cast<double>(counter.value());
  });
  return counter;
}

Gauge& Registry::AddGauge(const MetricName& name, Labels labels) {
  base::MutexLock lock(mutex_);
  Gauge& gauge = gauges_.emplace_back();
  AddSeries(name, MetricType::Gauge, std::move(labels), [&gauge](ClientMetric& metric) {
    metric.gauge.value = static_cast<double>(gauge.value());
  });
  return gauge;
}

LatencyHistogram& Registry::AddHistogram(const MetricName& name, Writers writers, Labels labels) {
  base::MutexLock lock(mutex_);
  LatencyHistogram& histogram = histograms_.emplace_back(writers);
  AddSeries(name, MetricType::Histogram, std::move(labels),
            [&histogram](ClientMetric& metric) { metric.histogram = histogram.Read(); });
  return histogram;
}

void Registry::AddGaugeCallback(const MetricName& name, std::function<double()> read,
                                Labels labels) {
  base::MutexLock lock(mutex_);
  AddSeries(name, MetricType::Gauge, std::move(labels),
            [read = std::move(read)](ClientMetric& metric) { metric.gauge.value = read(); });
}

void Registry::AddCounterCallback(const MetricName& name, std::function<double()> read,
                                  Labels labels) {
  base::MutexLock lock(mutex_);
  AddSeries(name, MetricType::Counter, std::move(labels),
            [read = std::move(read)](ClientMetric& metric) { metric.counter.value = read(); });
}

void Registry::AddCollectable(std::shared_ptr<const prometheus::Collectable> collectable) {
  base::MutexLock lock(mutex_);
  collectables_.push_back(std::move(collectable));
}

std::vector<Counter*> Registry::AddCounters(const MetricName& name, absl::string_view label,
                                            const std::vector<std::string>& values, Labels labels) {
  std::vector<Counter*> result;
  for (const std::string& value : values) {
    result.push_back(&AddCounter(name, With(labels, label, value)));
  }
  return result;
}

std::vector<Gauge*> Registry::AddGauges(const MetricName& name, absl::string_view label,
                                        const std::vector<std::string>& values, Labels labels) {
  std::vector<Gauge*> result;
  for (const std::string& value : values) {
    result.push_back(&AddGauge(name, With(labels, label, value)));
  }
  return result;
}

std::vector<LatencyHistogram*> Registry::AddHistograms(const MetricName& name,
                                                       absl::string_view label,
                                                       const std::vector<std::string>& values,
                                                       Writers writers, Labels labels) {
  std::vector<LatencyHistogram*> result;
  for (const std::string& value : values) {
    result.push_back(&AddHistogram(name, writers, With(labels, label, value)));
  }
  return result;
}

std::vector<prometheus::MetricFamily> Registry::Collect() const {
  base::MutexLock lock(mutex_);
  std::vector<prometheus::MetricFamily> result;
  for (const Family& family : families_) {
    prometheus::MetricFamily out{family.name.name, family.name.help, family.type, {}};
    for (const Series& series : family.series) {
      ClientMetric& metric = out.metric.emplace_back();
      metric.label = ToPrometheus(series.labels);
      series.read(metric);
    }
    result.push_back(std::move(out));
  }
  for (const auto& collectable : collectables_) {
    std::vector<prometheus::MetricFamily> families = collectable->Collect();
    std::move(families.begin(), families.end(), std::back_inserter(result));
  }
  return result;
}

std::string Registry::RenderText() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, Collect());
  return out.str();
}

}  // namespace quorumcache::metrics
