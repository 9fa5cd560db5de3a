// SPDX-License-Identifier: Apache-2.0
// The reading half of replica_wire.h. Field numbers: proto/quorumcache/internal/v1/replica.proto.
//
// Parse functions return false for bytes that are no message; what a message means is checked
// afterwards. Targets are reset first, keeping the capacity of their strings.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/limits.h"
#include "common/model/lineage.h"
#include "common/model/record.h"
#include "common/wire/proto_reader.h"
#include "common/wire/replica_wire.h"
#include "common/wire/request_id.h"

namespace quorumcache::wire {
namespace {

bool ParseBallot(absl::string_view bytes, model::Ballot* ballot) {
  *ballot = {};
  ProtoReader reader(bytes);
  while (reader.Next()) {
    switch (reader.tag()) {
      case FieldTag(1, kVarint):
        ballot->epoch = static_cast<uint32_t>(reader.number());
        break;
      case FieldTag(2, kFixed64):
        ballot->hlc = reader.number();
        break;
      case FieldTag(3, kFixed64):
        ballot->proposer = reader.number();
        break;
      default:
        break;
    }
  }
  return reader.ok();
}

bool ParseChange(absl::string_view bytes, model::Change* change) {
  ProtoReader reader(bytes);
  bool has_id = false;
  while (reader.Next()) {
    switch (reader.tag()) {
      case FieldTag(1, kLength):
        if (reader.bytes().size() != kRequestIdSizeBytes) return false;
        change->request_id = ParseRequestId(reader.bytes());
        has_id = true;
        break;
      case FieldTag(2, kLength):
        if (!ParseBallot(reader.bytes(), &change->ballot)) return false;
        break;
      case FieldTag(3, kVarint):
        change->result = UnZigZag(reader.number());
        break;
      default:
        break;
    }
  }
  return reader.ok() && has_id;
}

// A record, and what it leaves to its surroundings.
struct RecordParse {
  model::Ballot root;
  bool has_root = false;
  std::vector<model::Change> changes;
  uint64_t state = 0;

  // The record's own ballot is known only when the message around it has been read.
  void Finish(const model::Ballot& own, model::Record* record) {
    record->lineage = model::Lineage(has_root ? root : own, std::move(changes));
  }
};

bool ParseRecordField(const ProtoReader& reader, model::Record* record, RecordParse* parse) {
  switch (reader.tag()) {
    case FieldTag(1, kVarint):
      parse->state = reader.number();
      return true;
    case FieldTag(2, kLength):
      record->value.assign(reader.bytes().data(), reader.bytes().size());
      return true;
    case FieldTag(3, kLength):
      record->content_type.assign(reader.bytes().data(), reader.bytes().size());
      return true;
    case FieldTag(4, kVarint):
      record->expire_at_ms = reader.number();
      return true;
    case FieldTag(5, kLength):
      parse->has_root = true;
      return ParseBallot(reader.bytes(), &parse->root);
    case FieldTag(6, kLength):
      return parse->changes.size() < limits::kLineageChangesMax &&
             ParseChange(reader.bytes(), &parse->changes.emplace_back());
    default:
      return true;
  }
}

bool ParseRecord(absl::string_view bytes, model::Record* record, RecordParse* parse) {
  record->value.clear();
  record->content_type.clear();
  record->expire_at_ms = 0;
  *parse = {};
  ProtoReader reader(bytes);
  while (reader.Next()) {
    if (!ParseRecordField(reader, record, parse)) return false;
  }
  if (parse->state > static_cast<uint64_t>(model::RecordState::kTombstone)) return false;
  record->state = static_cast<model::RecordState>(parse->state);
  return reader.ok();
}

bool ParseRead(absl::string_view bytes, model::ReadRequest* request) {
  ProtoReader reader(bytes);
  while (reader.Next()) {
    if (reader.tag() == FieldTag(1, kVarint)) request->digest = reader.number() != 0;
  }
  return reader.ok();
}

bool ParsePrepare(absl::string_view bytes, model::PrepareRequest* request) {
  ProtoReader reader(bytes);
  while (reader.Next()) {
    if (reader.tag() != FieldTag(1, kLength)) continue;
    if (!ParseBallot(reader.bytes(), &request->ballot)) return false;
  }
  return reader.ok();
}

// The AcceptRequest in `body`, emptied: its record's buffers are used again.
model::AcceptRequest& ReuseAccept(decltype(model::ReplicaRequest::body)* body) {
  auto* accept = std::get_if<model::AcceptRequest>(body);
  if (accept == nullptr) return body->emplace<model::AcceptRequest>();
  accept->ballot = {};
  accept->next = {};
  accept->fsync = false;
  accept->repair = false;
  accept->record.state = model::RecordState::kAbsent;
  accept->record.value.clear();
  accept->record.content_type.clear();
  accept->record.expire_at_ms = 0;
  return *accept;
}

bool ParseAccept(absl::string_view bytes, model::AcceptRequest* request) {
  RecordParse record;
  ProtoReader reader(bytes);
  while (reader.Next()) {
    bool ok = true;
    switch (reader.tag()) {
      case FieldTag(1, kLength):
        ok = ParseBallot(reader.bytes(), &request->ballot);
        break;
      case FieldTag(2, kLength):
        ok = ParseRecord(reader.bytes(), &request->record, &record);
        break;
      case FieldTag(3, kLength):
        ok = ParseBallot(reader.bytes(), &request->next);
        break;
      case FieldTag(4, kVarint):
        request->fsync = reader.number() != 0;
        break;
      case FieldTag(5, kVarint):
        request->repair = reader.number() != 0;
        break;
      default:
        break;
    }
    if (!ok) return false;
  }
  record.Finish(request->ballot, &request->record);
  return reader.ok();
}

// One ReplicaRequest on its way in.
struct RequestParse {
  uint64_t id = 0;
  uint64_t timeout_ms = 0;
  bool has_body = false;
};

bool ParseBody(const ProtoReader& reader, model::ReplicaRequest* request, RequestParse* parse) {
  switch (reader.tag()) {
    case FieldTag(9, kLength):
      parse->has_body = true;
      return ParseRead(reader.bytes(), &request->body.emplace<model::ReadRequest>());
    case FieldTag(10, kLength):
      parse->has_body = true;
      return ParsePrepare(reader.bytes(), &request->body.emplace<model::PrepareRequest>());
    case FieldTag(11, kLength):
      parse->has_body = true;
      return ParseAccept(reader.bytes(), &ReuseAccept(&request->body));
    default:
      return true;
  }
}

bool ParseRequest(absl::string_view bytes, model::ReplicaRequest* request, RequestParse* parse) {
  request->partition = 0;
  request->epoch = 0;
  request->ballot_floor_epoch = 0;
  request->joiner = false;
  request->incarnation = 0;
  request->hlc = 0;
  request->key.namespace_name.clear();
  request->key.bytes.clear();
  ProtoReader reader(bytes);
  while (reader.Next()) {
    const absl::string_view value = reader.bytes();
    switch (reader.tag()) {
      case FieldTag(1, kFixed64):
        parse->id = reader.number();
        break;
      case FieldTag(2, kVarint):
        request->partition = static_cast<uint32_t>(reader.number());
        break;
      case FieldTag(3, kVarint):
        request->epoch = static_cast<uint32_t>(reader.number());
        break;
      case FieldTag(4, kFixed64):
        request->incarnation = reader.number();
        break;
      case FieldTag(5, kFixed64):
        request->hlc = reader.number();
        break;
      case FieldTag(6, kVarint):
        parse->timeout_ms = reader.number();
        break;
      case FieldTag(7, kLength):
        request->key.namespace_name.assign(value.data(), value.size());
        break;
      case FieldTag(8, kLength):
        request->key.bytes.assign(value.data(), value.size());
        break;
      case FieldTag(12, kVarint):
        request->ballot_floor_epoch = static_cast<uint32_t>(reader.number());
        break;
      case FieldTag(13, kVarint):
        request->joiner = reader.number() != 0;
        break;
      default:
        if (!ParseBody(reader, request, parse)) return false;
        break;
    }
  }
  return reader.ok();
}

absl::Status CheckRequest(const model::ReplicaRequest& request, const RequestParse& parse) {
  if (!parse.has_body) return absl::InvalidArgumentError("the request has no body");
  absl::Status status = model::ValidateNamespaceName(request.key.namespace_name);
  if (status.ok()) status = model::ValidateKeyBytes(request.key.bytes);
  if (!status.ok()) return status;
  if (const auto* accept = std::get_if<model::AcceptRequest>(&request.body)) {
    if (accept->ballot.IsZero()) return absl::InvalidArgumentError("an accept without a ballot");
    if (accept->record.state == model::RecordState::kAbsent) {
      return absl::InvalidArgumentError("an accept without a record");
    }
  } else if (const auto* prepare = std::get_if<model::PrepareRequest>(&request.body)) {
    if (prepare->ballot.IsZero()) return absl::InvalidArgumentError("a prepare without a ballot");
  }
  return absl::OkStatus();
}

bool ParseHello(absl::string_view bytes, Hello* hello) {
  *hello = Hello{.protocol_version = 0, .oldest_version = 0};
  ProtoReader reader(bytes);
  while (reader.Next()) {
    switch (reader.tag()) {
      case FieldTag(1, kVarint):
        hello->protocol_version = static_cast<uint32_t>(reader.number());
        break;
      case FieldTag(2, kLength):
        hello->cluster_id = std::string(reader.bytes());
        break;
      case FieldTag(3, kLength):
        hello->sender = std::string(reader.bytes());
        break;
      case FieldTag(4, kFixed64):
        hello->incarnation = reader.number();
        break;
      case FieldTag(5, kVarint):
        hello->oldest_version = static_cast<uint32_t>(reader.number());
        break;
      default:
        break;
    }
  }
  return reader.ok();
}

// A replica may say kLost itself, never kNotSent: its answer proves the contrary.
bool IsWireStatus(uint64_t status) {
  return (status >= static_cast<uint64_t>(model::ReplyStatus::kOk) &&
          status <= static_cast<uint64_t>(model::ReplyStatus::kCorrupt)) ||
         status == static_cast<uint64_t>(model::ReplyStatus::kLost);
}

// Everything of a reply but its ballots and record.
void ParseReplyScalar(const ProtoReader& reader, uint64_t* id, uint64_t* status, uint64_t* state,
                      model::ReplicaReply* reply) {
  switch (reader.tag()) {
    case FieldTag(1, kFixed64):
      *id = reader.number();
      break;
    case FieldTag(2, kVarint):
      *status = reader.number();
      break;
    case FieldTag(7, kVarint):
      *state = reader.number();
      break;
    case FieldTag(8, kVarint):
      reply->expire_at_ms = reader.number();
      break;
    case FieldTag(9, kFixed64):
      reply->hlc = reader.number();
      break;
    case FieldTag(11, kLength):
      reply->message = std::string(reader.bytes());
      break;
    default:
      break;
  }
}

bool ParseReplyMessage(const ProtoReader& reader, model::ReplicaReply* reply, RecordParse* record) {
  const absl::string_view bytes = reader.bytes();
  switch (reader.tag()) {
    case FieldTag(3, kLength):
      return ParseBallot(bytes, &reply->accepted);
    case FieldTag(4, kLength):
      return ParseBallot(bytes, &reply->promised);
    case FieldTag(5, kLength):
      return ParseBallot(bytes, &reply->previous);
    case FieldTag(6, kLength):
      return ParseRecord(bytes, &reply->record.emplace(), record);
    case FieldTag(10, kLength):
      return ParseBallot(bytes, &reply->forgotten);
    default:
      return true;
  }
}

bool ParseReply(absl::string_view bytes, uint64_t* id, model::ReplicaReply* reply) {
  *reply = {};
  uint64_t status = 0, state = 0;
  RecordParse record;
  ProtoReader reader(bytes);
  while (reader.Next()) {
    ParseReplyScalar(reader, id, &status, &state, reply);
    if (!ParseReplyMessage(reader, reply, &record)) return false;
  }
  if (!IsWireStatus(status) || state > static_cast<uint64_t>(model::RecordState::kTombstone)) {
    return false;
  }
  reply->status = static_cast<model::ReplyStatus>(status);
  reply->state = static_cast<model::RecordState>(state);
  if (reply->record.has_value()) record.Finish(reply->accepted, &*reply->record);
  return reader.ok();
}

}  // namespace

BatchItem RequestBatchReader::NextInto(model::ReplicaRequest* target) {
  ProtoReader reader(rest_);
  while (reader.Next()) {
    rest_ = reader.rest();
    switch (reader.tag()) {
      case FieldTag(1, kLength):
        return ParseHello(reader.bytes(), &hello_) ? BatchItem::kHello : BatchItem::kMalformed;
      case FieldTag(2, kLength): {
        RequestParse parse;
        if (!ParseRequest(reader.bytes(), target, &parse)) return BatchItem::kMalformed;
        id_ = parse.id;
        timeout_ms_ = static_cast<uint32_t>(std::min<uint64_t>(parse.timeout_ms, UINT32_MAX));
        status_ = CheckRequest(*target, parse);
        return BatchItem::kMessage;
      }
      case FieldTag(3, kFixed64):
        ping_ = reader.number();
        return BatchItem::kPing;
      default:
        break;
    }
  }
  return reader.ok() ? BatchItem::kEnd : BatchItem::kMalformed;
}

BatchItem ReplyBatchReader::Next() {
  ProtoReader reader(rest_);
  while (reader.Next()) {
    rest_ = reader.rest();
    switch (reader.tag()) {
      case FieldTag(1, kLength):
        return ParseHello(reader.bytes(), &hello_) ? BatchItem::kHello : BatchItem::kMalformed;
      case FieldTag(2, kLength):
        return ParseReply(reader.bytes(), &id_, &reply_) ? BatchItem::kMessage
                                                         : BatchItem::kMalformed;
      case FieldTag(3, kFixed64):
        ping_ = reader.number();
        return BatchItem::kPing;
      default:
        break;
    }
  }
  return reader.ok() ? BatchItem::kEnd : BatchItem::kMalformed;
}

}  // namespace quorumcache::wire
