// SPDX-License-Identifier: Apache-2.0
#include "cli/replay_command.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/progress.h"
#include "cli/replay_report.h"
#include "cli/replayer.h"
#include "cli/trace_reader.h"
#include "cli/value_sizes.h"
#include "client/pipeline.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/runtime/random_bits.h"
#include "common/runtime/real_clock.h"

namespace quorumcache::cli {
namespace {

class PipelineSink final : public OperationSink {
 public:
  void set_pipeline(client::Pipeline* pipeline) { pipeline_ = pipeline; }
  v1::PipelineOperation& Add(uint64_t id) override { return pipeline_->Add(id); }

 private:
  client::Pipeline* pipeline_ = nullptr;
};

class ReplayCommand final : public Command {
 public:
  void AddOptions(runtime::Options& options) override {
    options.AddList("endpoints", &endpoints_,
                    {.help = "Coordinators to call, HOST:PORT,... (gRPC); also QC_ENDPOINTS.",
                     .value_name = "LIST",
                     .short_name = 'e'});
    options.AddChoice("format", &format_, {"cache2k"},
                      {.help = "4-byte big-endian object ids, plain or compressed by xz."});
    options.AddInteger(
        "value-cluster", &value_cluster_, 1, 54,
        {.help = "Draw value sizes as in this cluster of Twitter's.", .value_name = "N"});
    options.AddInteger("limit", &limit_, uint64_t{0}, uint64_t{1} << 62,
                       {.help = "Stop after so many accesses; 0: at the end of the file."});
    options.AddInteger("outstanding", &outstanding_, size_t{1}, size_t{10'000},
                       {.help = "Accesses under way at once."});
    options.AddString("namespace", &name_space_, {.help = "Where to store.", .short_name = 'n'});
    options.AddString("key-prefix", &key_prefix_,
                      {.help = "In front of every key; not given: a new one, so that the cache is "
                               "cold.",
                       .value_name = "PREFIX"});
    options.AddInteger("seed", &seed_, uint64_t{0}, uint64_t{1} << 62,
                       {.help = "Of the value sizes."});
    output_.AddTo(options);
  }

  absl::Status Run(const std::vector<std::string>& arguments) override {
    const std::optional<uint32_t> mean = MeanValueSize(value_cluster_);
    if (!mean.has_value()) {
      return UsageError(
          absl::StrCat("the value sizes of cluster", value_cluster_, " were not published"));
    }
    QC_ASSIGN_OR_RETURN(const std::unique_ptr<TraceReader> trace, TraceReader::Open(arguments[0]));
    if (key_prefix_.empty()) {
      key_prefix_ = absl::StrFormat("replay-%08x-", runtime::RandomNonZero64() & 0xFFFFFFFF);
    }
    PipelineSink sink;
    Replayer replayer(
        {.outstanding_max = outstanding_,
         .name_space = name_space_,
         .key_prefix = key_prefix_,
         .value =
             [this, mean](uint32_t object) {
               return std::string(
                   DrawValueSize(*mean, seed_, object, limits::kValueSizeBytesMaxDefault), 'v');
             }},
        sink, [this] { return clock_.Read().monotonic.nanos(); });
    client::Pipeline pipeline({.endpoints = endpoints_}, replayer);
    sink.set_pipeline(&pipeline);
    const absl::Time start = absl::Now();
    QC_RETURN_IF_ERROR(Play(*trace, replayer, pipeline));
    return Report(arguments[0], absl::Now() - start, replayer);
  }

 private:
  absl::Status Play(TraceReader& trace, Replayer& replayer, client::Pipeline& pipeline) {
    Progress progress;
    bool more = true;
    while (more || !replayer.Idle()) {
      while (more && replayer.HasRoom()) {
        QC_ASSIGN_OR_RETURN(const std::optional<uint32_t> object, trace.Next());
        more = object.has_value();
        if (more) replayer.Access(*object);
        if (limit_ > 0 && replayer.counts().accesses == limit_) more = false;
      }
      pipeline.Poll(absl::Seconds(1));
      ShowProgress(trace, replayer, progress);
    }
    progress.Finish();
    return absl::OkStatus();
  }

  void ShowProgress(const TraceReader& trace, const Replayer& replayer, Progress& progress) const {
    if (!progress.Due(absl::Now())) return;
    const ReplayCounts& counts = replayer.counts();
    const double fraction = limit_ > 0
                                ? static_cast<double>(counts.accesses) / static_cast<double>(limit_)
                                : trace.Progress();
    progress.Update(fraction, absl::StrCat(counts.accesses, " accesses, ", counts.hits, " hits, ",
                                           replayer.errors().total(), " errors"));
  }

  absl::Status Report(const std::string& file, absl::Duration duration,
                      const Replayer& replayer) const {
    PrintOut(FormatReplay(output_.form(), {.file = file,
                                           .value_cluster = value_cluster_,
                                           .duration = duration,
                                           .counts = replayer.counts(),
                                           .gets = replayer.gets(),
                                           .sets = replayer.sets(),
                                           .errors = replayer.errors()}));
    if (replayer.errors().total() == 0) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat(replayer.errors().total(), " operations failed: ", replayer.errors().Text()));
  }

  std::vector<std::string> endpoints_ = {"127.0.0.1:7401"};
  std::string format_ = "cache2k";
  // Between the smallest and the largest; 273 bytes on average, and a read-mostly cluster.
  int value_cluster_ = 52;
  uint64_t limit_ = 0;
  size_t outstanding_ = 256;
  std::string name_space_ = "default";
  std::string key_prefix_;
  uint64_t seed_ = 1;
  OutputOption output_{"table"};
  const runtime::RealClock clock_{};
};

}  // namespace

std::unique_ptr<Command> MakeReplay() {
  return std::make_unique<ReplayCommand>();
}

}  // namespace quorumcache::cli
