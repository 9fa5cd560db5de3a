// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/process_collector.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "prometheus/metric_family.h"

namespace quorumcache::metrics {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

void Append(std::vector<MetricFamily>& out, const char* name, const char* help, MetricType type,
            double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = type == MetricType::Counter ? value : 0;
  metric.gauge.value = type == MetricType::Gauge ? value : 0;
  out.push_back({name, help, type, {std::move(metric)}});
}

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text, '\0');
  return text;
}

// The fields of /proc/self/stat behind the name of the program, which may hold spaces: index 0 is
// field 3 of proc(5).
std::vector<std::string> StatFields() {
  const std::string text = ReadFile("/proc/self/stat");
  const size_t end_of_name = text.rfind(") ");
  if (end_of_name == std::string::npos) return {};
  return absl::StrSplit(text.substr(end_of_name + 2), ' ');
}

std::optional<double> Number(const std::vector<std::string>& fields, size_t proc_field) {
  double value = 0;
  const size_t index = proc_field - 3;
  if (index >= fields.size() || !absl::SimpleAtod(fields[index], &value)) return std::nullopt;
  return value;
}

// Seconds since 1970 at which the machine came up.
std::optional<double> BootTime() {
  const std::string text = ReadFile("/proc/stat");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    double value = 0;
    if (words.size() == 2 && words[0] == "btime" && absl::SimpleAtod(words[1], &value))
      return value;
  }
  return std::nullopt;
}

void AppendStat(std::vector<MetricFamily>& out) {
  const std::vector<std::string> fields = StatFields();
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto user = Number(fields, 14), system = Number(fields, 15), threads = Number(fields, 20);
  const auto start = Number(fields, 22), size = Number(fields, 23), resident = Number(fields, 24);
  if (!user || !system || !threads || !start || !size || !resident) return;
  Append(out, "process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
         MetricType::Counter, (*user + *system) / ticks);
  Append(out, "process_resident_memory_bytes", "Resident memory size.", MetricType::Gauge,
         *resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  Append(out, "process_virtual_memory_bytes", "Virtual memory size.", MetricType::Gauge, *size);
  Append(out, "process_threads", "Threads.", MetricType::Gauge, *threads);
  if (const auto boot = BootTime()) {
    Append(out, "process_start_time_seconds", "Start time, in seconds since the Unix epoch.",
           MetricType::Gauge, *boot + *start / ticks);
  }
}

void AppendDescriptors(std::vector<MetricFamily>& out) {
  std::error_code error;
  double open = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++open;
  }
  // One of them is the iterator's own.
  if (!error) {
    Append(out, "process_open_fds", "Open file descriptors.", MetricType::Gauge, open - 1);
  }
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    Append(out, "process_max_fds", "The most file descriptors that may be open.", MetricType::Gauge,
           static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

std::vector<MetricFamily> ProcessCollector::Collect() const {
  std::vector<MetricFamily> out;
  AppendStat(out);
  AppendDescriptors(out);
  return out;
}

}  // namespace quorumcache::metrics
