// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/pipeline_replies.h"

#include <utility>

#include "common/base/check.h"
#include "coordinator/service/cache_messages.h"

namespace quorumcache::service {
namespace {

// gRPC clients take 4 MiB a message unless told otherwise; a single larger value is the client's
// own doing.
constexpr size_t kMessageBytesMax = size_t{1} << 20;
// What a result weighs beside its value.
constexpr size_t kResultBytes = 64;

}  // namespace

void PipelineReplies::Add(uint64_t id, OperationKind kind, CacheResponse&& response) {
  size_t size_bytes = kResultBytes + response.value.size();
  if (response.previous) size_bytes += response.previous->value.size();
  v1::PipelineResult& result = NewResult(size_bytes);
  result.set_id(id);
  FillMessage(std::move(response), kind, result);
}

v1::PipelineResult& PipelineReplies::NewResult(size_t size_bytes) {
  if (queue_.empty() || sizes_.back() + size_bytes > kMessageBytesMax) {
    queue_.push_back(spare_ != nullptr ? std::move(spare_) : std::make_unique<Reply>());
    sizes_.push_back(0);
  }
  sizes_.back() += size_bytes;
  size_bytes_ += size_bytes;
  return *(*queue_.back())->add_results();
}

void PipelineReplies::Pop() {
  QC_CHECK(!queue_.empty());
  size_bytes_ -= sizes_.front();
  sizes_.pop_front();
  spare_ = std::move(queue_.front());
  queue_.pop_front();
  spare_->Renew();
}

void PipelineReplies::Clear() {
  queue_.clear();
  sizes_.clear();
  size_bytes_ = 0;
}

}  // namespace quorumcache::service
