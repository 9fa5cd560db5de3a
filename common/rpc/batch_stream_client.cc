// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/batch_stream_client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::rpc {
namespace {

// Headers, ballots and tags of one encoded request; only its key, value and lineage come on top.
constexpr size_t kRequestOverheadBytes = 192;
constexpr size_t kChangeOverheadBytes = 64;

size_t EstimateSize(const wire::RequestHeader& header) {
  return kRequestOverheadBytes + header.namespace_name.size() + header.key.size();
}

size_t EstimateSize(const wire::RequestHeader& header, const model::Record& record) {
  return EstimateSize(header) + record.value.size() + record.content_type.size() +
         record.lineage.changes().size() * kChangeOverheadBytes;
}

}  // namespace

BatchStreamClient::BatchStreamClient(EventLoop& loop, BatchStreamClientOptions options)
    : loop_(loop), options_(std::move(options)), random_(options_.seed) {
  Connect();
}

BatchStreamClient::~BatchStreamClient() {
  if (connection_ != nullptr) connection_->Abandon();
}

BatchStreamClient::Batch* BatchStreamClient::Admit(wire::RequestHeader& header, Pending pending,
                                                   size_t size_bytes_estimate,
                                                   model::ReplyStatus* refusal) {
  *refusal = model::ReplyStatus::kNotSent;
  if (!up_) return nullptr;
  *refusal = model::ReplyStatus::kOverloaded;
  // An empty queue takes anything, so that one large value always fits.
  if (queued_requests_ >= options_.queue_requests_max) return nullptr;
  if (queued_bytes_ > 0 && queued_bytes_ + size_bytes_estimate > options_.queue_bytes_max) {
    return nullptr;
  }
  if (queue_.empty() ||
      queue_.back().bytes.size() + size_bytes_estimate > options_.batch_bytes_max) {
    queue_.emplace_back().bytes.reserve(reserve_bytes_);
  }
  pending.batch = front_batch_ + queue_.size() - 1;
  pending.queued_at = Now();
  header.id = inflight_.Add(pending);
  header.incarnation = options_.incarnation;
  return &queue_.back();
}

void BatchStreamClient::Queued(Batch& batch, size_t size_bytes_before) {
  ++batch.request_count;
  ++queued_requests_;
  ++requests_;
  queued_bytes_ += batch.bytes.size() - size_bytes_before;
  loop_.MarkDirty(*this);
}

model::ReplyStatus BatchStreamClient::Read(wire::RequestHeader header,
                                           const model::ReadRequest& body,
                                           const ReplyContext& context, ReplyHandler& handler) {
  model::ReplyStatus refusal;
  const Pending pending{.handler = &handler, .context = context, .is_read = true};
  Batch* batch = Admit(header, pending, EstimateSize(header), &refusal);
  if (batch == nullptr) return refusal;
  const size_t size_before = batch->bytes.size();
  wire::AppendRead(header, body, &batch->bytes);
  Queued(*batch, size_before);
  return model::ReplyStatus::kOk;
}

model::ReplyStatus BatchStreamClient::Prepare(wire::RequestHeader header,
                                              const model::PrepareRequest& body,
                                              const ReplyContext& context, ReplyHandler& handler) {
  model::ReplyStatus refusal;
  const Pending pending{.handler = &handler, .context = context};
  Batch* batch = Admit(header, pending, EstimateSize(header), &refusal);
  if (batch == nullptr) return refusal;
  const size_t size_before = batch->bytes.size();
  wire::AppendPrepare(header, body, &batch->bytes);
  Queued(*batch, size_before);
  return model::ReplyStatus::kOk;
}

model::ReplyStatus BatchStreamClient::Accept(wire::RequestHeader header,
                                             const wire::AcceptBody& body,
                                             const ReplyContext& context, ReplyHandler& handler) {
  QC_CHECK(body.record != nullptr);
  model::ReplyStatus refusal;
  const Pending pending{.handler = &handler, .context = context};
  Batch* batch = Admit(header, pending, EstimateSize(header, *body.record), &refusal);
  if (batch == nullptr) return refusal;
  const size_t size_before = batch->bytes.size();
  wire::AppendAccept(header, body, &batch->bytes);
  Queued(*batch, size_before);
  return model::ReplyStatus::kOk;
}

void BatchStreamClient::Flush() {
  if (!up_ || writing_) return;
  if (ping_due_) {
    ping_due_ = false;
    writing_ = true;
    std::string ping;
    wire::AppendPing(++ping_number_, &ping);
    connection_->Write(std::move(ping));
    return;
  }
  if (queue_.empty()) return;
  Batch batch = std::move(queue_.front());
  queue_.pop_front();
  ++front_batch_;
  ++batches_;
  queued_requests_ -= batch.request_count;
  queued_bytes_ -= batch.bytes.size();
  reserve_bytes_ = std::min(batch.bytes.size(), size_t{64} << 10);
  writing_ = true;
  connection_->Write(std::move(batch.bytes));
}

void BatchStreamClient::OnWritten() {
  writing_ = false;
  if (!queue_.empty() || ping_due_) loop_.MarkDirty(*this);
}

void BatchStreamClient::OnMessage(absl::string_view bytes) {
  heard_at_ = Now();
  ping_under_way_ = false;  // any message is a sign of life
  if (up_) {
    TakeReplies(bytes);
    return;
  }
  if (const absl::Status status = CheckHello(bytes); !status.ok()) {
    Break(status);
    return;
  }
  up_ = true;
  ++connects_;
  backoff_.Reset();
  ArmPulse();
  loop_.MarkDirty(*this);
  if (options_.on_health) options_.on_health(true);
}

absl::Status BatchStreamClient::CheckHello(absl::string_view bytes) const {
  wire::ReplyBatchReader reader(bytes);
  if (reader.Next() != wire::BatchItem::kHello) {
    return absl::FailedPreconditionError("the peer's first message is not a hello");
  }
  const wire::Hello& hello = reader.hello();
  if (const auto version = wire::NegotiateVersion(wire::Hello{}, hello); !version.ok()) {
    return version.status();
  }
  if (hello.cluster_id != options_.cluster_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the node belongs to cluster ", hello.cluster_id, ", not ", options_.cluster_id));
  }
  if (options_.incarnation != 0 && hello.incarnation != options_.incarnation) {
    return absl::FailedPreconditionError(
        absl::StrCat("node ", hello.sender, " is incarnation ", absl::Hex(hello.incarnation),
                     ", the cluster map names ", absl::Hex(options_.incarnation)));
  }
  return absl::OkStatus();
}

void BatchStreamClient::TakeReplies(absl::string_view bytes) {
  wire::ReplyBatchReader reader(bytes);
  // A handler may close the client in between.
  while (up_) {
    const wire::BatchItem item = reader.Next();
    if (item == wire::BatchItem::kEnd) return;
    if (item == wire::BatchItem::kMalformed) {
      Break(absl::DataLossError("the node sent a malformed message"));
      return;
    }
    Pending pending;
    if (item != wire::BatchItem::kMessage || !inflight_.Take(reader.id(), &pending)) continue;
    if (pending.is_read) latency_.Add(Now() - pending.queued_at);
    pending.handler->OnReply(pending.context, std::move(reader.reply()));
  }
}

ReplicaHealth BatchStreamClient::health() const {
  return ReplicaHealth{.up = up_,
                       .last_error = last_error_,
                       .connects = connects_,
                       .breaks = breaks_,
                       .requests = requests_,
                       .batches = batches_,
                       .read_latency_mean = latency_.mean()};
}

}  // namespace quorumcache::rpc
