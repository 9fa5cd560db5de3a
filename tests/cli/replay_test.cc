// SPDX-License-Identifier: Apache-2.0
// The replay of traces: reading them, drawing sizes, and the exactness of the hit ratio.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include <fstream>
#include <map>
#include <set>

#include "cli/replay_report.h"
#include "cli/replayer.h"
#include "cli/trace_reader.h"
#include "cli/value_sizes.h"
#include "common/base/random.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::cli {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;

std::string BigEndian(const std::vector<uint32_t>& ids) {
  std::string bytes;
  for (uint32_t id : ids) {
    for (int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(id >> shift));
  }
  return bytes;
}

std::string Xz(const std::string& bytes) {
  std::string out(lzma_stream_buffer_bound(bytes.size()), '\0');
  size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                                    reinterpret_cast<uint8_t*>(out.data()), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

class TraceReaderTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<uint32_t>> ReadAll(const std::string& bytes) {
    const std::string path = directory_.File("trace");
    std::ofstream(path, std::ios::binary) << bytes;
    auto reader = TraceReader::Open(path);
    if (!reader.ok()) return reader.status();
    std::vector<uint32_t> ids;
    while (true) {
      const absl::StatusOr<std::optional<uint32_t>> id = (*reader)->Next();
      if (!id.ok()) return id.status();
      if (!id->has_value()) break;
      ids.push_back(**id);
    }
    EXPECT_EQ((*reader)->Progress(), 1);
    return ids;
  }

  // More than one chunk, plain and compressed.
  static std::vector<uint32_t> ManyIds() {
    base::Random random(7);
    std::vector<uint32_t> ids;
    for (int i = 0; i < 50'000; ++i) ids.push_back(static_cast<uint32_t>(random.Next()));
    return ids;
  }

  support::TempDir directory_;
};

TEST_F(TraceReaderTest, PlainAndCompressedTracesReadAlike) {
  const std::vector<uint32_t> ids = ManyIds();
  EXPECT_THAT(ReadAll(BigEndian(ids)), IsOkAndHolds(ids));
  EXPECT_THAT(ReadAll(Xz(BigEndian(ids))), IsOkAndHolds(ids));
}

TEST_F(TraceReaderTest, WellCompressedTraceIsReadToTheEnd) {
  const std::vector<uint32_t> ids(2'000'000, 42);
  EXPECT_THAT(ReadAll(Xz(BigEndian(ids))), IsOkAndHolds(ids));
}

TEST_F(TraceReaderTest, EmptyTraceHasNoAccesses) {
  EXPECT_THAT(ReadAll(""), IsOkAndHolds(std::vector<uint32_t>()));
  EXPECT_THAT(ReadAll(Xz("")), IsOkAndHolds(std::vector<uint32_t>()));
}

TEST_F(TraceReaderTest, StreamsInARowAreOneTrace) {
  EXPECT_THAT(ReadAll(Xz(BigEndian({1, 2})) + Xz(BigEndian({3}))),
              IsOkAndHolds(std::vector<uint32_t>{1, 2, 3}));
}

TEST_F(TraceReaderTest, DamageIsNoticed) {
  const std::string good = Xz(BigEndian(ManyIds()));
  std::string flipped = good;
  flipped[flipped.size() / 2] ^= 1;

  EXPECT_THAT(ReadAll(flipped), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ReadAll(good.substr(0, good.size() - 5)), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ReadAll(BigEndian({1}) + "ab"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("middle of an id")));
}

TEST(TraceReaderOpenTest, MissingFileIsNotFound) {
  EXPECT_THAT(TraceReader::Open("no-such-trace").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-such-trace")));
}

TEST(ValueSizesTest, TableIsThePublishedOne) {
  EXPECT_EQ(MeanValueSize(1), 267u);
  EXPECT_EQ(MeanValueSize(50), 67485u);
  EXPECT_EQ(MeanValueSize(52), 273u);
  EXPECT_EQ(MeanValueSize(54), 246u);
  for (int none : {0, 5, 55, -1}) EXPECT_EQ(MeanValueSize(none), std::nullopt) << none;
}

TEST(ValueSizesTest, DrawsAreBoundedRepeatableAndHaveTheMean) {
  double sum = 0;
  constexpr int kObjects = 100'000;
  for (uint64_t object = 0; object < kObjects; ++object) {
    const size_t size = DrawValueSize(273, 1, object, 100'000);
    EXPECT_GE(size, 1u);
    EXPECT_EQ(DrawValueSize(273, 1, object, 100'000), size);
    sum += static_cast<double>(size);
  }
  EXPECT_NEAR(sum / kObjects, 273, 5);
  EXPECT_EQ(DrawValueSize(67485, 1, 1, 10), 10u);
  EXPECT_NE(DrawValueSize(273, 2, 1, 100'000), DrawValueSize(273, 1, 1, 100'000));
}

// A cache that answers what is under way in random order; and fails on demand.
class RandomCache final : public OperationSink {
 public:
  explicit RandomCache(uint64_t seed) : random_(seed) {}

  v1::PipelineOperation& Add(uint64_t id) override {
    v1::PipelineOperation& operation = under_way_.emplace_back();
    operation.set_id(id);
    return operation;
  }

  void AnswerOne(Replayer& replayer) {
    const size_t index = random_.Uniform(under_way_.size());
    std::swap(under_way_[index], under_way_.back());
    const v1::PipelineOperation operation = std::move(under_way_.back());
    under_way_.pop_back();
    v1::PipelineResult result;
    result.set_id(operation.id());
    if (fail_one_in > 0 && random_.OneIn(fail_one_in)) {
      result.mutable_error()->set_code(14);
      result.mutable_error()->set_reason("QUORUM_UNREACHABLE");
    } else if (operation.has_get()) {
      result.mutable_get()->set_found(stored.count(operation.get().key()) > 0);
    } else {
      stored[operation.set().key()] = operation.set().value();
      result.mutable_set();
    }
    replayer.OnResult(result);
  }

  bool idle() const { return under_way_.empty(); }

  std::map<std::string, std::string> stored;
  uint64_t fail_one_in = 0;

 private:
  base::Random random_;
  std::vector<v1::PipelineOperation> under_way_;
};

class ReplayerTest : public testing::Test {
 protected:
  // Plays `ids` and answers at random times; returns the counts.
  ReplayCounts Play(const std::vector<uint32_t>& ids, size_t outstanding) {
    size_t next = 0;
    replayer_.emplace(
        ReplayOptions{.outstanding_max = outstanding,
                      .name_space = "ns",
                      .key_prefix = "p-",
                      .value = [](uint32_t object) { return std::to_string(object); }},
        cache_, [this] { return ++nanos_; });
    while (next < ids.size() || !replayer_->Idle()) {
      const bool can_begin = next < ids.size() && replayer_->HasRoom();
      if (can_begin && (cache_.idle() || random_.OneIn(2))) {
        replayer_->Access(ids[next++]);
      } else {
        cache_.AnswerOne(*replayer_);
      }
    }
    return replayer_->counts();
  }

  const uint64_t seed_ = support::TestSeed();
  base::Random random_{seed_};
  RandomCache cache_{seed_ + 1};
  int64_t nanos_ = 0;
  std::optional<Replayer> replayer_;
};

TEST_F(ReplayerTest, HitRatioIsExactlyWhatCountingPredicts) {
  for (size_t outstanding : {1, 2, 16, 300}) {
    cache_.stored.clear();
    std::vector<uint32_t> ids;
    // Few objects, so that accesses to one object often overlap.
    for (int i = 0; i < 20'000; ++i) {
      ids.push_back(static_cast<uint32_t>(random_.Uniform(1 + random_.Uniform(50))));
    }
    const size_t distinct = std::set<uint32_t>(ids.begin(), ids.end()).size();

    const ReplayCounts counts = Play(ids, outstanding);

    EXPECT_EQ(counts.accesses, ids.size());
    EXPECT_EQ(counts.distinct, distinct);
    EXPECT_EQ(counts.misses, distinct) << outstanding;
    EXPECT_EQ(counts.hits, ids.size() - distinct) << outstanding;
    EXPECT_EQ(replayer_->gets().count(), ids.size());
    EXPECT_EQ(replayer_->sets().count(), distinct);
    EXPECT_EQ(replayer_->errors().total(), 0u);
  }
}

TEST_F(ReplayerTest, MissStoresTheObjectsValueUnderItsKey) {
  Play({7}, 1);
  EXPECT_EQ(cache_.stored, (std::map<std::string, std::string>{{"p-7", "7"}}));
}

TEST_F(ReplayerTest, ErrorsAreCountedAndDoNotStopIt) {
  cache_.fail_one_in = 3;

  const ReplayCounts counts = Play(std::vector<uint32_t>(3000, 1), 64);

  EXPECT_EQ(counts.accesses, 3000u);
  EXPECT_GT(replayer_->errors().total(), 0u);
  EXPECT_THAT(replayer_->errors().Text(), HasSubstr("UNAVAILABLE QUORUM_UNREACHABLE"));
}

TEST(ReplayReportTest, StatesWhatWasFoundAndWhatWasPredicted) {
  ReplaySummary summary{.file = "t.xz", .value_cluster = 52, .duration = absl::Seconds(2)};
  summary.counts = {.accesses = 10, .hits = 7, .misses = 3, .distinct = 3};
  for (int i = 0; i < 10; ++i) summary.gets.AddNanos(1'000'000);

  EXPECT_EQ(FormatReplay(OutputForm::kValue, summary), "0.700000000\n");
  EXPECT_THAT(FormatReplay(OutputForm::kJson, summary),
              testing::AllOf(HasSubstr("\"accesses\":10,\"hits\":7,\"misses\":3,\"distinct\":3"),
                             HasSubstr("\"predicted_hit_ratio\":0.700000000"),
                             HasSubstr("\"ops_per_second\":5,")));
  EXPECT_THAT(FormatReplay(OutputForm::kTable, summary),
              testing::AllOf(HasSubstr("counting predicts 0.700000"), HasSubstr("OSDI 2020")));
}

}  // namespace
}  // namespace quorumcache::cli
