// SPDX-License-Identifier: Apache-2.0
#include "cli/replay_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/json_text.h"

namespace quorumcache::cli {
namespace {

double Micros(const LatencyRecorder& latencies, double fraction) {
  return latencies.count() == 0 ? 0 : absl::ToDoubleMicroseconds(latencies.Percentile(fraction));
}

std::string LatencyJson(const LatencyRecorder& latencies) {
  JsonObject object;
  return object.AddUnsigned("count", latencies.count())
      .AddNumber("p50_us", Micros(latencies, 0.5), 1)
      .AddNumber("p99_us", Micros(latencies, 0.99), 1)
      .AddNumber("p999_us", Micros(latencies, 0.999), 1)
      .Text();
}

std::string LatencyText(const LatencyRecorder& latencies) {
  return absl::StrFormat("%d, p50 %.0f us, p99 %.0f us, p99.9 %.0f us", latencies.count(),
                         Micros(latencies, 0.5), Micros(latencies, 0.99), Micros(latencies, 0.999));
}

std::string ReplayJson(const ReplaySummary& summary) {
  JsonObject object;
  return object.AddText("file", Printable(summary.file))
      .AddUnsigned("accesses", summary.counts.accesses)
      .AddUnsigned("hits", summary.counts.hits)
      .AddUnsigned("misses", summary.counts.misses)
      .AddUnsigned("distinct", summary.counts.distinct)
      .AddUnsigned("waited", summary.counts.waited)
      .AddNumber("hit_ratio", summary.hit_ratio(), 9)
      .AddNumber("predicted_hit_ratio", summary.predicted_hit_ratio(), 9)
      .AddNumber("seconds", absl::ToDoubleSeconds(summary.duration), 3)
      .AddNumber("ops_per_second", summary.operations_per_second(), 0)
      .AddJson("get", LatencyJson(summary.gets))
      .AddJson("set", LatencyJson(summary.sets))
      .AddInteger("value_cluster", summary.value_cluster)
      .AddJson("errors", summary.errors.Json())
      .Text();
}

}  // namespace

double ReplaySummary::hit_ratio() const {
  return counts.accesses == 0
             ? 0
             : static_cast<double>(counts.hits) / static_cast<double>(counts.accesses);
}

double ReplaySummary::predicted_hit_ratio() const {
  return counts.accesses == 0 ? 0
                              : static_cast<double>(counts.accesses - counts.distinct) /
                                    static_cast<double>(counts.accesses);
}

double ReplaySummary::operations_per_second() const {
  const double operations = static_cast<double>(gets.count() + sets.count());
  return duration <= absl::ZeroDuration() ? 0 : operations / absl::ToDoubleSeconds(duration);
}

std::string FormatReplay(OutputForm form, const ReplaySummary& summary) {
  if (form == OutputForm::kJson) return ReplayJson(summary) + "\n";
  if (form == OutputForm::kValue) return absl::StrFormat("%.9f\n", summary.hit_ratio());
  return absl::StrFormat(
      "trace       %s\naccesses    %d to %d objects (%d waited for an earlier one)\n"
      "hits        %d, misses %d\nhit ratio   %.6f; counting predicts %.6f\n"
      "operations  %.0f a second, for %s\nGET         %s\nSET         %s\nerrors      %s\n"
      "value sizes of Twitter's cluster%d, March 2020 (Yang, Yue, Rashmi, OSDI 2020; CC BY)\n",
      Printable(summary.file), summary.counts.accesses, summary.counts.distinct,
      summary.counts.waited, summary.counts.hits, summary.counts.misses, summary.hit_ratio(),
      summary.predicted_hit_ratio(), summary.operations_per_second(),
      absl::FormatDuration(absl::Trunc(summary.duration, absl::Milliseconds(1))),
      LatencyText(summary.gets), LatencyText(summary.sets), summary.errors.Text(),
      summary.value_cluster);
}

}  // namespace quorumcache::cli
