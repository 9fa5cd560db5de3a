// SPDX-License-Identifier: Apache-2.0
#include "cli/load_door.h"
#include "cli/write_options.h"
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
    if (operation.is_set) {
      v1::SetRequest& request = *message.mutable_set();
      request.set_namespace_(options_.name_space);
      request.set_consistency(options_.consistency);
      request.set_durability(options_.durability);
      request.set_key(operation.key);
      request.set_value(value_);
    } else {
      v1::GetRequest& request = *message.mutable_get();
      request.set_namespace_(options_.name_space);
      request.set_consistency(options_.consistency);
      request.set_key(operation.key);
    }
  }

  void Poll(absl::Duration wait) override { pipeline_.Poll(wait); }

 private:
  void OnResult(v1::PipelineResult& result) override {
    if (result.has_error()) {
      handler_.OnDone(result.id(),
                      {.code = result.error().code(), .reason = result.error().reason()});
    } else {
      handler_.OnDone(result.id(), {.found = result.has_get() && result.get().found()});
    }
  }

  const DoorOptions options_;
  LoadHandler& handler_;
  const std::string value_;
  client::Pipeline pipeline_;
};

}  // namespace

std::unique_ptr<LoadDoor> MakePipelineDoor(const DoorOptions& options, LoadHandler& handler) {
  return std::make_unique<PipelineDoor>(options, handler);
}

}  // namespace quorumcache::cli
