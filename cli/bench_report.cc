// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/json_text.h"

namespace quorumcache::cli {
namespace {

double Micros(const BenchSummary& summary, double fraction) {
  return absl::ToDoubleMicroseconds(summary.counts.latencies.Percentile(fraction));
}

double PerSecond(const BenchSummary& summary) {
  return static_cast<double>(summary.counts.succeeded) / absl::ToDoubleSeconds(summary.duration);
}

double HitRatio(const LoadCounts& counts) {
  return counts.gets == 0 ? 0 : static_cast<double>(counts.hits) / static_cast<double>(counts.gets);
}

std::string BenchJson(const BenchSummary& summary) {
  JsonObject cpu, object;
  for (const ProcessCpu& entry : summary.cpu) {
    cpu.AddNumber(Printable(entry.process), summary.CpuPerOperation(entry.cpu), 3);
  }
  return object.AddText("workload", summary.workload)
      .AddText("door", summary.door)
      .AddUnsigned("outstanding", summary.outstanding)
      .AddNumber("rate", summary.rate, 0)
      .AddNumber("seconds", absl::ToDoubleSeconds(summary.duration), 3)
      .AddUnsigned("operations", summary.counts.succeeded)
      .AddNumber("ops_per_second", PerSecond(summary), 0)
      .AddNumber("p50_us", Micros(summary, 0.5), 1)
      .AddNumber("p99_us", Micros(summary, 0.99), 1)
      .AddNumber("p999_us", Micros(summary, 0.999), 1)
      .AddNumber("cpu_us_per_op", summary.CpuPerOperation(summary.TotalCpu()), 3)
      .AddJson("cpu_us_per_op_by_process", cpu.Text())
      .AddNumber("hit_ratio", HitRatio(summary.counts), 6)
      .AddUnsigned("client_min", summary.Shares().first)
      .AddUnsigned("client_max", summary.Shares().second)
      .AddUnsigned("unknown", summary.counts.unknown)
      .AddUnsigned("failed", summary.counts.errors.total())
      .AddJson("errors", summary.counts.errors.Json())
      .Text();
}

std::string BenchTable(const BenchSummary& summary) {
  std::string out = absl::StrFormat(
      "workload    %s by %s, %d outstanding%s\noperations  %.0f a second (%d in %s)\n"
      "latency     p50 %.0f us, p99 %.0f us, p99.9 %.0f us\nhits        %.2f%% of the GETs\n"
      "clients     %d to %d operations each\nunknown     %d\nerrors      %s\n",
      summary.workload, summary.door, summary.outstanding,
      summary.rate > 0 ? absl::StrFormat(", %.0f a second asked for", summary.rate) : "",
      PerSecond(summary), summary.counts.succeeded,
      absl::FormatDuration(absl::Trunc(summary.duration, absl::Milliseconds(1))),
      Micros(summary, 0.5), Micros(summary, 0.99), Micros(summary, 0.999),
      100 * HitRatio(summary.counts), summary.Shares().first, summary.Shares().second,
      summary.counts.unknown, summary.counts.errors.Text());
  std::vector<std::vector<std::string>> rows;
  for (const ProcessCpu& entry : summary.cpu) {
    rows.push_back(
        {Printable(entry.process), absl::StrFormat("%.2f", summary.CpuPerOperation(entry.cpu))});
  }
  rows.push_back({"all", absl::StrFormat("%.2f", summary.CpuPerOperation(summary.TotalCpu()))});
  return absl::StrCat(out, "\n", FormatTable({"PROCESS", "CPU US/OP"}, rows));
}

}  // namespace

double BenchSummary::CpuPerOperation(absl::Duration cpu) const {
  return counts.succeeded == 0
             ? 0
             : absl::ToDoubleMicroseconds(cpu) / static_cast<double>(counts.succeeded);
}

std::pair<uint64_t, uint64_t> BenchSummary::Shares() const {
  if (counts.by_slot.empty()) return {0, 0};
  const auto [least, most] = std::minmax_element(counts.by_slot.begin(), counts.by_slot.end());
  return {*least, *most};
}

absl::Duration BenchSummary::TotalCpu() const {
  absl::Duration total;
  for (const ProcessCpu& entry : cpu) total += entry.cpu;
  return total;
}

std::string FormatBench(OutputForm form, const BenchSummary& summary) {
  if (form == OutputForm::kJson) return BenchJson(summary) + "\n";
  if (form == OutputForm::kTable) return BenchTable(summary);
  return absl::StrFormat("%.0f\n", PerSecond(summary));
}

}  // namespace quorumcache::cli
