// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/exchange_service.h"

#include <string>
#include <utility>

#include "common/base/check.h"
#include "common/wire/replica_wire.h"

namespace quorumcache::node_service {

void ExchangeService::OnBatch(rpc::BatchStreamServer::StreamId stream, grpc::ByteBuffer batch) {
  if (!is_serving_) {
    Refuse(stream, batch, model::ReplyStatus::kUnavailable, "the node is starting or stopping");
    return;
  }
  const size_t size_bytes = batch.Length();
  // An idle node takes anything, so that one large value always fits.
  if (under_way_.size() >= limits_.batches_max ||
      (bytes_under_way_ > 0 && bytes_under_way_ + size_bytes > limits_.bytes_max)) {
    overloaded_.IncrementFromOwner();
    Refuse(stream, batch, model::ReplyStatus::kOverloaded, "the node's queue is full");
    return;
  }
  under_way_.push_back(size_bytes);
  bytes_under_way_ += size_bytes;
  staged_.push_back(IncomingBatch{stream, std::move(batch), loop_.now().monotonic});
  loop_.MarkDirty(*this);
}

void ExchangeService::HandOver() {
  if (!staged_.empty()) worker_->Submit(&staged_);
}

void ExchangeService::OnReplies(std::vector<EncodedReplies>& replies) {
  for (const EncodedReplies& reply : replies) {
    QC_CHECK(!under_way_.empty());
    bytes_under_way_ -= under_way_.front();
    under_way_.pop_front();
    if (reply.malformed.ok()) {
      streams_->Reply(reply.stream, reply.bytes);
    } else {
      streams_->End(reply.stream, reply.malformed);
    }
  }
}

void ExchangeService::Refuse(rpc::BatchStreamServer::StreamId stream, const grpc::ByteBuffer& batch,
                             model::ReplyStatus status, absl::string_view why) {
  const rpc::FlatMessage message(batch);
  wire::RequestBatchReader reader(message.bytes());
  std::string replies;
  for (;;) {
    const wire::BatchItem item = reader.Next();
    if (item == wire::BatchItem::kEnd) break;
    if (item == wire::BatchItem::kMalformed) {
      streams_->End(stream, absl::InvalidArgumentError("malformed ReplicaRequestBatch"));
      return;
    }
    if (item == wire::BatchItem::kMessage) {
      wire::AppendRefusal(reader.id(), status, why, &replies);
    }
  }
  streams_->Reply(stream, replies);
}

}  // namespace quorumcache::node_service
