// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_split.h"
#include "common/metrics/names.h"
#include "common/metrics/process_collector.h"

namespace quorumcache::metrics {
namespace {

using testing::HasSubstr;

constexpr MetricName kRequests = {"test_requests_total", "Requests."};
constexpr MetricName kDepth = {"test_depth", "Depth."};
constexpr MetricName kLatency = {"test_latency_seconds", "Latency."};

TEST(RegistryTest, EveryLabelPairExistsAtZeroFromTheStart) {
  Registry registry;
  registry.AddCounters(kRequests, "operation", {"get", "set"}, {{"code", "OK"}});

  const std::string text = registry.RenderText();

  EXPECT_THAT(text, HasSubstr("# HELP test_requests_total Requests.\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE test_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("test_requests_total{code=\"OK\",operation=\"get\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("test_requests_total{code=\"OK\",operation=\"set\"} 0\n"));
}

TEST(RegistryTest, ChangesShowInTheNextScrape) {
  Registry registry;
  Counter& counter = registry.AddCounter(kRequests);
  Gauge& gauge = registry.AddGauge(kDepth);
  double answer = 1.5;
  registry.AddGaugeCallback({"test_answer", "Answer."}, [&] { return answer; });

  counter.Add(2);
  counter.IncrementFromOwner();
  gauge.Set(7);
  gauge.Add(-9);
  answer = 42.25;

  const std::string text = registry.RenderText();
  EXPECT_THAT(text, HasSubstr("\ntest_requests_total 3\n"));
  EXPECT_THAT(text, HasSubstr("\ntest_depth -2\n"));
  EXPECT_THAT(text, HasSubstr("\ntest_answer 42.25\n"));
}

TEST(RegistryTest, HistogramTextHasCumulativeBucketsSumAndCount) {
  Registry registry;
  auto histograms = registry.AddHistograms(kLatency, "operation", {"get", "set"}, Writers::kOne);

  histograms[0]->Observe(absl::Microseconds(60));
  histograms[0]->Observe(absl::Seconds(10));

  const std::string text = registry.RenderText();
  EXPECT_THAT(text, HasSubstr("_bucket{operation=\"get\",le=\"5e-05\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{operation=\"get\",le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{operation=\"get\",le=\"5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{operation=\"get\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_count{operation=\"get\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_count{operation=\"set\"} 0\n"));
}

TEST(RegistryTest, CountersTakeIncrementsFromManyThreads) {
  Registry registry;
  Counter& counter = registry.AddCounter(kRequests);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; ++j) counter.Increment();
    });
  }
  for (std::thread& thread : threads) {
    registry.RenderText();
    thread.join();
  }
  EXPECT_EQ(counter.value(), 40'000u);
}

TEST(RegistryDeathTest, SameSeriesTwiceIsABug) {
  Registry registry;
  registry.AddCounter(kRequests, {{"a", "b"}});
  EXPECT_DEATH(registry.AddCounter(kRequests, {{"a", "b"}}), "check failed");
  EXPECT_DEATH(registry.AddGauge(kRequests), "check failed");
}

// The value of a metric without labels.
double ValueOf(const std::string& text, const std::string& name) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() == 2 && words[0] == name) return std::stod(words[1]);
  }
  ADD_FAILURE() << name << " is missing in\n" << text;
  return -1;
}

TEST(ProcessCollectorTest, TellsAboutThisProcess) {
  Registry registry;
  registry.AddCollectable(std::make_shared<ProcessCollector>());

  const std::string text = registry.RenderText();

  EXPECT_GE(ValueOf(text, "process_cpu_seconds_total"), 0);
  EXPECT_GT(ValueOf(text, "process_resident_memory_bytes"), 100'000);
  EXPECT_GT(ValueOf(text, "process_virtual_memory_bytes"),
            ValueOf(text, "process_resident_memory_bytes"));
  EXPECT_GE(ValueOf(text, "process_threads"), 1);
  EXPECT_GE(ValueOf(text, "process_open_fds"), 3);
  EXPECT_GE(ValueOf(text, "process_max_fds"), ValueOf(text, "process_open_fds"));
  EXPECT_GT(ValueOf(text, "process_start_time_seconds"), 1'577'836'800);  // 2020
}

TEST(NamesTest, FixedNamesOfTheOriginAreUnchanged) {
  EXPECT_STREQ(coordinator::kHits.name, "cache_hits_total");
  EXPECT_STREQ(coordinator::kMisses.name, "cache_misses_total");
  EXPECT_STREQ(coordinator::kRequests.name, "cache_requests_total");
  EXPECT_STREQ(coordinator::kRequestLatency.name, "cache_request_latency_seconds");
}

}  // namespace
}  // namespace quorumcache::metrics
