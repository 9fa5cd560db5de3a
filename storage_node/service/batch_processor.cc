// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/batch_processor.h"

#include <algorithm>
#include <variant>

#include "common/base/check.h"
#include "common/wire/replica_wire.h"

namespace quorumcache::node_service {
namespace {

// Buffers of larger work are given back, so that one burst of large values is not kept for ever.
constexpr size_t kKeptBytesMax = size_t{1} << 20;
// A reply without a record: ballots, clocks and tags.
constexpr size_t kReplySizeBytesTypical = 128;

bool IsExpired(base::MonotonicTime arrived, uint32_t timeout_ms, base::MonotonicTime now) {
  return now - arrived >= absl::Milliseconds(timeout_ms);
}

}  // namespace

void BatchProcessor::Process(std::span<const EncodedBatch> batches, const base::Now& now,
                             std::vector<EncodedReplies>* replies) {
  Read(batches, now, replies);
  Execute(now, replies);
}

void BatchProcessor::Read(std::span<const EncodedBatch> batches, const base::Now& now,
                          std::vector<EncodedReplies>* replies) {
  replies->clear();
  replies->resize(batches.size());
  slots_.clear();
  size_bytes_ = 0;
  for (uint32_t i = 0; i < batches.size(); ++i) {
    size_bytes_ += batches[i].bytes.size();
    (*replies)[i].stream = batches[i].stream;
    Decode(batches[i], i, now, &(*replies)[i]);
  }
}

bool BatchProcessor::WaitsForFsync() const {
  const replica::PartitionTable& partitions = replica_.partitions();
  return std::any_of(requests_.begin(), requests_.begin() + static_cast<ptrdiff_t>(slots_.size()),
                     [&partitions](const model::ReplicaRequest& request) {
                       const auto* accept = std::get_if<model::AcceptRequest>(&request.body);
                       if (accept != nullptr && accept->fsync) return true;
                       return request.partition < partitions.size() &&
                              request.epoch > partitions.row(request.partition).epoch;
                     });
}

void BatchProcessor::Execute(const base::Now& now, std::vector<EncodedReplies>* replies) {
  if (!slots_.empty()) {
    replica_.Apply({requests_.data(), slots_.size()}, now.wall_ms, &answers_);
    Encode(replies);
  }
  if (size_bytes_ > kKeptBytesMax) {
    requests_ = {};
    answers_ = {};
    slots_.clear();
  }
}

void BatchProcessor::Decode(const EncodedBatch& batch, uint32_t index, const base::Now& now,
                            EncodedReplies* replies) {
  const size_t first_slot = slots_.size();
  wire::RequestBatchReader reader(batch.bytes);
  for (;;) {
    if (requests_.size() == slots_.size()) requests_.emplace_back();
    const wire::BatchItem item = reader.NextInto(&requests_[slots_.size()]);
    if (item == wire::BatchItem::kEnd) return;
    if (item == wire::BatchItem::kMalformed) {
      slots_.resize(first_slot);
      replies->bytes.clear();
      replies->malformed = absl::InvalidArgumentError("malformed ReplicaRequestBatch");
      return;
    }
    if (item != wire::BatchItem::kMessage) continue;
    if (!reader.status().ok()) {
      wire::AppendRefusal(reader.id(), model::ReplyStatus::kInvalid, reader.status().message(),
                          &replies->bytes);
    } else if (IsExpired(batch.arrived, reader.timeout_ms(), now.monotonic)) {
      wire::AppendRefusal(reader.id(), model::ReplyStatus::kExpired, "", &replies->bytes);
    } else {
      slots_.push_back(Slot{reader.id(), index});
    }
  }
}

void BatchProcessor::Encode(std::vector<EncodedReplies>* replies) {
  QC_CHECK(answers_.size() == slots_.size());
  for (size_t i = 0; i < slots_.size(); ++i) {
    std::string& bytes = (*replies)[slots_[i].batch].bytes;
    if (bytes.empty()) bytes.reserve(slots_.size() * kReplySizeBytesTypical / replies->size());
    wire::AppendReply(slots_[i].id, answers_[i], &bytes);
  }
}

}  // namespace quorumcache::node_service
