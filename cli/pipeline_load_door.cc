// SPDX-License-Identifier: Apache-2.0
#include "cli/load_door.h"
#include "cli/request_id_source.h"
#include "cli/write_options.h"
#include "client/decode_error.h"
#include "client/pipeline.h"

namespace quorumcache::cli {
namespace {

class PipelineDoor final : public LoadDoor, private client::PipelineHandler {
 public:
  PipelineDoor(const DoorOptions& options, LoadHandler& handler)
      : options_(options),
        handler_(handler),
        value_(options.value_size, 'v'),
        pipeline_({.endpoints = options.endpoints}, *this) {}

  void Start(size_t slot, const LoadOperation& operation) override {
    v1::PipelineOperation& message = pipeline_.Add(slot);
    if (options_.timeout > absl::ZeroDuration()) {
      *message.mutable_timeout() = ToProto(options_.timeout);
    }
    switch (operation.kind) {
      case LoadKind::kGet:
        return Fill(operation, *message.mutable_get());
      case LoadKind::kSet:
        FillWrite(operation, *message.mutable_set());
        return message.mutable_set()->set_value(value_);
      case LoadKind::kIncrement:
        FillWrite(operation, *message.mutable_increment());
        message.mutable_increment()->set_delta(1);
        return message.mutable_increment()->set_request_id(request_ids_.Next());
      case LoadKind::kCompareAndSet:
        FillWrite(operation, *message.mutable_compare_and_set());
        message.mutable_compare_and_set()->set_etag(operation.etag);
        return message.mutable_compare_and_set()->set_value(value_);
    }
  }

  void Poll(absl::Duration wait) override { pipeline_.Poll(wait); }

 private:
  template <typename Request>
  void Fill(const LoadOperation& operation, Request& request) const {
    request.set_namespace_(options_.name_space);
    request.set_consistency(options_.consistency);
    request.set_key(operation.key);
  }
  template <typename Request>
  void FillWrite(const LoadOperation& operation, Request& request) const {
    Fill(operation, request);
    request.set_durability(options_.durability);
  }

  void OnResult(v1::PipelineResult& result) override {
    LoadResult done;
    if (result.has_error()) {
      done.code = result.error().code();
      done.reason = result.error().reason();
      done.unknown = client::DecodeError(result.error()).outcome == client::Outcome::kUnknown;
    }
    done.found = result.has_get() && result.get().found();
    if (result.has_set()) done.etag = result.set().etag();
    if (result.has_compare_and_set()) done.etag = result.compare_and_set().etag();
    handler_.OnDone(result.id(), done);
  }

  const DoorOptions options_;
  LoadHandler& handler_;
  const std::string value_;
  RequestIdSource request_ids_;
  client::Pipeline pipeline_;
};

}  // namespace

std::unique_ptr<LoadDoor> MakePipelineDoor(const DoorOptions& options, LoadHandler& handler) {
  return std::make_unique<PipelineDoor>(options, handler);
}

}  // namespace quorumcache::cli
