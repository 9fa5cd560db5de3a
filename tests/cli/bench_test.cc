// SPDX-License-Identifier: Apache-2.0
// The benchmark's parts: keys, latencies, closed and open loop, the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <numeric>
#include <set>

#include "cli/bench_report.h"
#include "cli/key_chooser.h"
#include "cli/latency_recorder.h"
#include "cli/load_runner.h"

namespace quorumcache::cli {
namespace {

using testing::HasSubstr;

TEST(LatencyRecorderTest, PercentilesAreWithinThreePercentAbove) {
  LatencyRecorder recorder;
  for (int64_t nanos = 1; nanos <= 1'000'000; ++nanos) recorder.AddNanos(nanos);

  for (double fraction : {0.001, 0.5, 0.99, 0.999, 1.0}) {
    const double truth = fraction * 1e6;
    const double answer = absl::ToDoubleNanoseconds(recorder.Percentile(fraction));
    EXPECT_GE(answer, truth) << fraction;
    EXPECT_LE(answer, truth * 1.032 + 1) << fraction;
  }
}

TEST(LatencyRecorderTest, TakesEveryValue) {
  LatencyRecorder recorder;
  EXPECT_EQ(recorder.Percentile(0.5), absl::ZeroDuration());
  recorder.AddNanos(-5);
  recorder.AddNanos(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(recorder.count(), 2u);
  EXPECT_EQ(recorder.Percentile(0.5), absl::ZeroDuration());
  EXPECT_GT(recorder.Percentile(1), absl::Hours(24 * 365 * 200));
}

TEST(KeyChooserTest, ZipfianDrawsFollowTheLaw) {
  constexpr uint64_t kKeys = 1000;
  constexpr int kDraws = 1'000'000;
  KeyChooser chooser(KeyDistribution::kZipfian, kKeys, /*seed=*/3);
  std::vector<int> counts(kKeys);
  for (int i = 0; i < kDraws; ++i) ++counts[chooser.Next()];

  double sum = 0;
  for (uint64_t rank = 1; rank <= kKeys; ++rank) sum += std::pow(rank, -0.99);
  for (uint64_t rank : {1, 2, 10, 100, 1000}) {
    const double expected = kDraws * std::pow(rank, -0.99) / sum;
    // Six standard deviations of a binomial count.
    EXPECT_NEAR(counts[rank - 1], expected, 6 * std::sqrt(expected)) << rank;
  }
}

TEST(KeyChooserTest, UniformDrawsReachEveryKey) {
  KeyChooser chooser(KeyDistribution::kUniform, 100, 1);
  std::set<uint64_t> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(chooser.Next());
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_EQ(*seen.rbegin(), 99u);
}

TEST(AliasTableTest, ImpossibleOutcomeIsNeverDrawn) {
  const AliasTable table({0, 1, 3});
  base::Random random(1);
  std::vector<int> counts(3);
  for (int i = 0; i < 40'000; ++i) ++counts[table.Draw(random)];
  EXPECT_EQ(counts[0], 0);
  EXPECT_NEAR(counts[1], 10'000, 600);
}

TEST(MakeKeyTest, KeysAreDistinctAndOfTheSizeAskedFor) {
  std::set<std::string> keys;
  std::string key;
  for (uint64_t i = 0; i < 10'000; ++i) {
    MakeKey(i, 20, &key);
    EXPECT_EQ(key.size(), 20u);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 10'000u);
}

// Time and cluster of a test: each Poll moves time on, and answers what is old enough.
class FakeDoor final : public LoadDoor {
 public:
  explicit FakeDoor(int64_t latency_nanos) : latency_nanos_(latency_nanos) {}
  void set_handler(LoadHandler* handler) { handler_ = handler; }

  void Start(size_t slot, const LoadOperation& operation) override {
    EXPECT_TRUE(busy_.insert(slot).second) << "slot is taken";
    under_way_.push_back({slot, now});
    ++(operation.kind == LoadKind::kGet ? gets : sets);
    kinds.push_back(operation.kind);
    most_under_way = std::max(most_under_way, under_way_.size());
  }
  void Poll(absl::Duration wait) override {
    now += std::min<int64_t>(absl::ToInt64Nanoseconds(wait), kStepNanos);
    while (!under_way_.empty() && under_way_.front().started + latency_nanos_ <= now &&
           now >= stalled_until) {
      const size_t slot = under_way_.front().slot;
      under_way_.pop_front();
      busy_.erase(slot);
      handler_->OnDone(slot, {.code = code,
                              .reason = code == 0 ? "" : "R",
                              .found = true,
                              .unknown = code == 4,
                              .etag = etag});
    }
  }

  static constexpr int64_t kStepNanos = 10'000;
  int64_t now = 1;
  int64_t stalled_until = 0;
  int code = 0;
  uint64_t gets = 0;
  uint64_t sets = 0;
  std::vector<LoadKind> kinds;
  std::string etag;
  size_t most_under_way = 0;

 private:
  struct Operation {
    size_t slot;
    int64_t started;
  };
  const int64_t latency_nanos_;
  LoadHandler* handler_ = nullptr;
  std::deque<Operation> under_way_;
  std::set<size_t> busy_;
};

class LoadRunnerTest : public testing::Test {
 protected:
  LoadCounts Run(LoadOptions options, int64_t duration_nanos) {
    options.key_count = 10;
    LoadRunner runner(options, [this] { return door_.now; });
    door_.set_handler(&runner);
    runner.Run(door_, duration_nanos);
    return runner.counts();
  }

  FakeDoor door_{1'000'000};
};

TEST_F(LoadRunnerTest, ClosedLoopKeepsItsNumberUnderWay) {
  const LoadCounts counts = Run({.outstanding = 8}, 100'000'000);

  EXPECT_EQ(door_.most_under_way, 8u);
  // 8 every millisecond for 100 ms.
  EXPECT_NEAR(static_cast<double>(counts.succeeded), 800, 16);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(counts.latencies.Percentile(0.5)), 1, 0.05);
  EXPECT_EQ(counts.hits, counts.gets);
}

TEST_F(LoadRunnerTest, OpenLoopStartsAtItsRate) {
  const LoadCounts counts = Run({.outstanding = 100, .rate = 5000}, 1'000'000'000);

  EXPECT_NEAR(static_cast<double>(counts.succeeded), 5000, 10);
  EXPECT_LE(door_.most_under_way, 7u);
}

TEST_F(LoadRunnerTest, StallCountsFromWhenOperationsShouldHaveStarted) {
  door_.stalled_until = 100'000'000;

  const LoadCounts counts = Run({.outstanding = 4, .rate = 1000}, 400'000'000);

  // Only 4 were really under way, yet the 100 that should have started during the stall have
  // suffered.
  EXPECT_GE(counts.latencies.Percentile(1), absl::Milliseconds(95));
  EXPECT_GE(counts.latencies.Percentile(0.9), absl::Milliseconds(40));
}

TEST_F(LoadRunnerTest, SharesOfSetsAreAsAskedFor) {
  Run({.outstanding = 8, .write_share = 0.2}, 1'000'000'000);

  const double sets = static_cast<double>(door_.sets);
  EXPECT_NEAR(sets / (sets + static_cast<double>(door_.gets)), 0.2, 0.03);
}

TEST_F(LoadRunnerTest, FailuresAreCountedByCodeAndNotAsOperations) {
  door_.code = 14;

  const LoadCounts counts = Run({.outstanding = 8}, 10'000'000);

  EXPECT_EQ(counts.succeeded, 0u);
  EXPECT_THAT(counts.errors.Json(), HasSubstr("UNAVAILABLE R"));
}

TEST_F(LoadRunnerTest, UnknownOutcomesAreCountedApart) {
  door_.code = 4;

  const LoadCounts counts = Run({.outstanding = 8}, 10'000'000);

  EXPECT_GT(counts.unknown, 0u);
  EXPECT_EQ(counts.unknown, counts.errors.total());
}

TEST_F(LoadRunnerTest, EveryClientsShareIsCounted) {
  const LoadCounts counts = Run({.outstanding = 4}, 100'000'000);

  ASSERT_EQ(counts.by_slot.size(), 4u);
  EXPECT_EQ(std::accumulate(counts.by_slot.begin(), counts.by_slot.end(), uint64_t{0}),
            counts.succeeded);
}

TEST_F(LoadRunnerTest, CompareAndSetBeginsWithASetToLearnTheEtag) {
  door_.etag = "e1";

  Run({.outstanding = 1, .write_share = 1, .write = LoadKind::kCompareAndSet}, 100'000'000);

  ASSERT_GT(door_.kinds.size(), 30u);
  EXPECT_EQ(door_.kinds.front(), LoadKind::kSet);
  // Ten keys, a SET each.
  EXPECT_LE(std::count(door_.kinds.begin(), door_.kinds.end(), LoadKind::kSet), 10);
}

TEST_F(LoadRunnerTest, CompareAndSetThatFailsForgetsTheEtag) {
  door_.etag = "";

  Run({.outstanding = 1, .write_share = 1, .write = LoadKind::kCompareAndSet}, 20'000'000);

  EXPECT_THAT(door_.kinds, testing::Each(LoadKind::kSet));
}

TEST(BenchReportTest, SharesAreThoseOfTheLeastAndTheMostLuckyClient) {
  BenchSummary summary{.workload = "incr", .door = "unary", .outstanding = 3};
  summary.counts.by_slot = {7, 9, 8};
  summary.counts.unknown = 2;

  const std::string json = FormatBench(OutputForm::kJson, summary);

  EXPECT_THAT(json, HasSubstr("\"client_min\":7,\"client_max\":9,\"unknown\":2"));
  EXPECT_THAT(FormatBench(OutputForm::kTable, summary), HasSubstr("7 to 9 operations each"));
}

TEST(BenchReportTest, CpuIsPerOperationAndProcess) {
  BenchSummary summary{
      .workload = "get", .door = "unary", .outstanding = 64, .duration = absl::Seconds(2)};
  summary.counts.succeeded = 1000;
  summary.cpu = {{"qcctl", absl::Milliseconds(10)}, {"7 node", absl::Milliseconds(5)}};

  const std::string json = FormatBench(OutputForm::kJson, summary);
  EXPECT_THAT(json, HasSubstr("\"cpu_us_per_op\":15.000"));
  EXPECT_THAT(json, HasSubstr("{\"qcctl\":10.000,\"7 node\":5.000}"));
  EXPECT_THAT(json, HasSubstr("\"ops_per_second\":500,"));
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
  EXPECT_THAT(FormatBench(OutputForm::kTable, summary), HasSubstr("all      15.00\n"));
  EXPECT_EQ(FormatBench(OutputForm::kValue, summary), "500\n");
}

}  // namespace
}  // namespace quorumcache::cli
