// SPDX-License-Identifier: Apache-2.0
#include "client/pipeline.h"

#include <utility>

#include "client/pipeline_stream.h"

namespace quorumcache::client {

// The state lives behind a pointer so that users need not compile gRPC's headers.
class Pipeline::Impl {
 public:
  Impl(PipelineOptions options, PipelineHandler& handler) : stream(std::move(options), handler) {}
  PipelineStream stream;
};

Pipeline::Pipeline(PipelineOptions options, PipelineHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(options), handler)) {}
Pipeline::~Pipeline() = default;

v1::PipelineOperation& Pipeline::Add(uint64_t id) {
  return impl_->stream.Add(id);
}
void Pipeline::Poll(absl::Duration wait) {
  impl_->stream.Poll(wait);
}
size_t Pipeline::outstanding() const {
  return impl_->stream.outstanding();
}
uint64_t Pipeline::messages_sent() const {
  return impl_->stream.messages_sent();
}

}  // namespace quorumcache::client
