// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_step.h"

#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/model/hlc.h"
#include "common/wire/record_proto.h"
#include "common/wire/replica_wire.h"
#include "storage_node/engine/key_codec.h"

namespace quorumcache::transfer {
namespace {

using internal::v1::CollectGarbageRequest;
using internal::v1::CollectGarbageResponse;
using Kind = GarbageAction::Kind;
using model::ReplyStatus;

internal::v1::GarbageStep StepOf(Kind kind) {
  switch (kind) {
    case Kind::kDigest:
      return internal::v1::GARBAGE_STEP_DIGEST;
    case Kind::kList:
      return internal::v1::GARBAGE_STEP_LIST;
    case Kind::kRaiseFloor:
      return internal::v1::GARBAGE_STEP_RAISE_FLOOR;
    case Kind::kDrop:
      return internal::v1::GARBAGE_STEP_DROP;
    default:
      return internal::v1::GARBAGE_STEP_APPLY;
  }
}

model::ReplicaRequest RequestOf(const GarbageAction& action, uint64_t incarnation) {
  model::ReplicaRequest request;
  request.partition = action.query.partition;
  request.epoch = action.query.epoch;
  request.incarnation = incarnation;
  request.hlc = model::HlcFromMillis(action.query.now_ms);
  const std::optional<engine::KeyParts> key = engine::DecodeKey(action.engine_key);
  QC_CHECK(key.has_value());  // EntryPageOf has looked
  request.key = model::Key{std::string(key->namespace_name), std::string(key->bytes)};
  if (action.kind == Kind::kRead) {
    request.body = model::ReadRequest{};
  } else if (action.kind == Kind::kPrepare) {
    request.body = model::PrepareRequest{action.ballot};
  } else {
    model::AcceptRequest accept;
    accept.ballot = action.ballot;
    accept.record = action.record;
    accept.repair = action.is_repair;
    request.body = std::move(accept);
  }
  return request;
}

replica::GarbageQuery QueryOf(const CollectGarbageRequest& request) {
  replica::GarbageQuery query;
  query.partition = request.partition();
  query.epoch = request.epoch();
  query.incarnation = request.incarnation();
  query.floor = wire::FromProto(request.floor());
  query.now_ms = request.now_ms();
  query.after = request.after();
  query.live_only = request.live_only();
  return query;
}

absl::Status StatusOf(ReplyStatus status, const std::string& message) {
  switch (status) {
    case ReplyStatus::kOk:
      return absl::OkStatus();
    case ReplyStatus::kInvalid:
      return absl::InvalidArgumentError(message);
    case ReplyStatus::kWrongNode:
    case ReplyStatus::kStaleEpoch:
    case ReplyStatus::kClockSkew:
      return absl::FailedPreconditionError(message);
    case ReplyStatus::kCorrupt:
      return absl::DataLossError(message);
    case ReplyStatus::kDiskFull:
      return absl::ResourceExhaustedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

// The other way round, as far as a round tells them apart.
ReplyStatus ReplyStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ReplyStatus::kOk;
    case absl::StatusCode::kInvalidArgument:
      return ReplyStatus::kInvalid;
    case absl::StatusCode::kFailedPrecondition:
      return ReplyStatus::kWrongNode;
    case absl::StatusCode::kDataLoss:
      return ReplyStatus::kCorrupt;
    case absl::StatusCode::kResourceExhausted:
      return ReplyStatus::kOverloaded;
    default:
      return ReplyStatus::kUnavailable;
  }
}

absl::Status FillPage(const replica::GarbagePage& page, CollectGarbageResponse* response) {
  response->set_complete(page.complete);
  response->set_resume_after(page.resume_after);
  wire::ToProto(page.floor, response->mutable_floor());
  response->set_walked_bytes(page.walked_bytes);
  response->set_garbage_count(page.tally.count);
  return StatusOf(page.status, page.message);
}

absl::Status Digest(const replica::GarbageQuery& query, replica::Replica& replica, uint64_t wall_ms,
                    CollectGarbageResponse* response) {
  const replica::DigestPage page = replica.Digest(query, wall_ms);
  response->set_digest_count(page.digest.count);
  response->set_digest_low(page.digest.low);
  response->set_digest_high(page.digest.high);
  return FillPage(page, response);
}

absl::Status List(const replica::GarbageQuery& query, replica::Replica& replica, uint64_t wall_ms,
                  CollectGarbageResponse* response) {
  const replica::EntryPage page = replica.ListEntries(query, wall_ms);
  for (const replica::EntryRow& row : page.rows) {
    internal::v1::GarbageEntry* entry = response->add_entries();
    entry->set_engine_key(row.engine_key);
    wire::ToProto(row.accepted, entry->mutable_accepted());
  }
  return FillPage(page, response);
}

absl::Status Drop(const replica::GarbageQuery& query, replica::Replica& replica, uint64_t wall_ms,
                  CollectGarbageResponse* response) {
  const replica::DropPage page = replica.DropGarbage(query, wall_ms);
  response->set_dropped(page.dropped);
  return FillPage(page, response);
}

absl::Status Apply(const CollectGarbageRequest& request, replica::Replica& replica,
                   uint64_t wall_ms, CollectGarbageResponse* response) {
  const std::string batch = request.requests().SerializeAsString();
  wire::RequestBatchReader reader(batch);
  std::string answers;
  std::vector<model::ReplicaReply> replies;
  while (answers.size() < limits::kStreamBatchBytesMax) {
    const wire::BatchItem item = reader.Next();
    if (item == wire::BatchItem::kEnd) break;
    if (item != wire::BatchItem::kMessage || !reader.status().ok()) {
      return absl::InvalidArgumentError("malformed requests");
    }
    replica.Apply(std::span(&reader.request(), 1), wall_ms, &replies);
    wire::AppendReply(reader.id(), replies.front(), &answers);
  }
  response->set_walked_bytes(batch.size() + answers.size());
  QC_CHECK(response->mutable_replies()->ParseFromString(answers));
  return absl::OkStatus();
}

replica::DigestPage DigestPageOf(const CollectGarbageResponse& response) {
  replica::DigestPage page;
  page.digest = {response.digest_count(), response.digest_low(), response.digest_high()};
  return page;
}

absl::Status CheckEntries(const CollectGarbageResponse& response) {
  for (const internal::v1::GarbageEntry& entry : response.entries()) {
    if (!engine::DecodeKey(entry.engine_key())) return absl::InvalidArgumentError("malformed key");
  }
  return absl::OkStatus();
}

replica::EntryPage EntryPageOf(const CollectGarbageResponse& response) {
  replica::EntryPage page;
  for (const internal::v1::GarbageEntry& entry : response.entries()) {
    page.rows.push_back({entry.engine_key(), wire::FromProto(entry.accepted())});
  }
  return page;
}

// Fills what all pages have in common.
template <typename Page>
Page Complete(Page page, const absl::Status& status, const CollectGarbageResponse& response) {
  page.status = ReplyStatusOf(status);
  page.message = std::string(status.message());
  page.complete = response.complete();
  page.resume_after = response.resume_after();
  page.floor = wire::FromProto(response.floor());
  page.tally.count = response.garbage_count();
  return page;
}

GarbageActions DeliverPage(const GarbageAction& action, const absl::Status& status,
                           const CollectGarbageResponse& response, replica::GarbageRound* round) {
  switch (action.kind) {
    case Kind::kDigest:
      return round->OnDigest(action.replica, Complete(DigestPageOf(response), status, response));
    case Kind::kList:
      return round->OnEntries(
          action.replica,
          Complete(EntryPageOf(response), status.ok() ? CheckEntries(response) : status, response));
    case Kind::kRaiseFloor:
      return round->OnFloorRaised(action.replica,
                                  Complete(replica::GarbagePage{}, status, response));
    default:
      break;
  }
  replica::DropPage page;
  page.dropped = response.dropped();
  return round->OnDropped(action.replica, Complete(std::move(page), status, response));
}

GarbageActions DeliverReply(const GarbageAction& action, const model::ReplicaReply& reply,
                            replica::GarbageRound* round) {
  if (action.kind == Kind::kRead) return round->OnRead(action.replica, action.engine_key, reply);
  if (action.kind == Kind::kPrepare) {
    return round->OnPrepared(action.replica, action.engine_key, reply);
  }
  return round->OnAccepted(action.replica, action.engine_key, reply);
}

}  // namespace

bool IsKeyed(const GarbageAction& action) {
  return action.kind == Kind::kRead || action.kind == Kind::kPrepare ||
         action.kind == Kind::kAccept;
}

CollectGarbageRequest EncodeActions(std::span<const GarbageAction> actions, uint64_t incarnation) {
  QC_CHECK(!actions.empty());
  const GarbageAction& first = actions.front();
  const replica::GarbageQuery& query = first.query;
  CollectGarbageRequest request;
  request.set_step(StepOf(first.kind));
  request.set_partition(query.partition);
  request.set_epoch(query.epoch);
  request.set_incarnation(incarnation);
  wire::ToProto(query.floor, request.mutable_floor());
  request.set_now_ms(query.now_ms);
  request.set_after(query.after);
  request.set_live_only(query.live_only);
  if (!IsKeyed(first)) {
    QC_CHECK(actions.size() == 1);
    return request;
  }
  std::string batch;
  for (size_t i = 0; i < actions.size(); ++i) {
    QC_CHECK(IsKeyed(actions[i]));
    wire::AppendRequest(i, /*timeout_ms=*/0, RequestOf(actions[i], incarnation), &batch);
  }
  QC_CHECK(request.mutable_requests()->ParseFromString(batch));
  return request;
}

absl::Status ExecuteStep(const CollectGarbageRequest& request, replica::Replica& replica,
                         uint64_t wall_ms, CollectGarbageResponse* response) {
  switch (request.step()) {
    case internal::v1::GARBAGE_STEP_DIGEST:
      return Digest(QueryOf(request), replica, wall_ms, response);
    case internal::v1::GARBAGE_STEP_LIST:
      return List(QueryOf(request), replica, wall_ms, response);
    case internal::v1::GARBAGE_STEP_RAISE_FLOOR:
      return FillPage(replica.RaiseFloor(QueryOf(request), wall_ms), response);
    case internal::v1::GARBAGE_STEP_DROP:
      return Drop(QueryOf(request), replica, wall_ms, response);
    case internal::v1::GARBAGE_STEP_APPLY:
      return Apply(request, replica, wall_ms, response);
    default:
      return absl::InvalidArgumentError("a step that this node does not know");
  }
}

StepOutcome Deliver(std::span<const GarbageAction> actions, const absl::Status& status,
                    const CollectGarbageResponse& response, replica::GarbageRound* round) {
  StepOutcome outcome;
  if (!IsKeyed(actions.front())) {
    outcome.next = DeliverPage(actions.front(), status, response, round);
    outcome.answered = 1;
    return outcome;
  }
  model::ReplicaReply failed;
  failed.status = ReplyStatusOf(status);
  failed.message = std::string(status.message());
  const std::string batch = response.replies().SerializeAsString();
  wire::ReplyBatchReader reader(batch);
  while (status.ok() && reader.Next() == wire::BatchItem::kMessage &&
         reader.id() == outcome.answered && outcome.answered < actions.size()) {
    GarbageActions next = DeliverReply(actions[outcome.answered++], reader.reply(), round);
    std::move(next.begin(), next.end(), std::back_inserter(outcome.next));
  }
  if (outcome.answered > 0) return outcome;
  // An error, or an answer that answers nothing.
  if (status.ok()) failed.status = ReplyStatus::kInvalid;
  outcome.next = DeliverReply(actions.front(), failed, round);
  outcome.answered = actions.size();
  return outcome;
}

}  // namespace quorumcache::transfer
