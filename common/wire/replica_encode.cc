// SPDX-License-Identifier: Apache-2.0
// The writing half of replica_wire.h. Field numbers: proto/quorumcache/internal/v1/replica.proto.
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "common/base/check.h"
#include "common/model/ballot.h"
#include "common/model/lineage.h"
#include "common/model/record.h"
#include "common/wire/proto_writer.h"
#include "common/wire/replica_wire.h"
#include "common/wire/request_id.h"

namespace quorumcache::wire {
namespace {

size_t BallotSize(const model::Ballot& ballot) {
  return VarintFieldSize(ballot.epoch) + Fixed64FieldSize(ballot.hlc) +
         Fixed64FieldSize(ballot.proposer);
}

// Zero ballots are not written, except where absent means something else.
size_t BallotFieldSize(const model::Ballot& ballot) {
  return ballot.IsZero() ? 0 : MessageFieldSize(BallotSize(ballot));
}

void WriteBallot(uint32_t field, const model::Ballot& ballot, ProtoWriter& writer) {
  writer.BeginMessage(field, BallotSize(ballot));
  writer.VarintField(1, ballot.epoch);
  writer.Fixed64Field(2, ballot.hlc);
  writer.Fixed64Field(3, ballot.proposer);
}

void WriteBallotField(uint32_t field, const model::Ballot& ballot, ProtoWriter& writer) {
  if (!ballot.IsZero()) WriteBallot(field, ballot, writer);
}

size_t ChangeSize(const model::Change& change) {
  return MessageFieldSize(kRequestIdSizeBytes) + BallotFieldSize(change.ballot) +
         VarintFieldSize(ZigZag(change.result));
}

void WriteChange(uint32_t field, const model::Change& change, ProtoWriter& writer) {
  writer.BeginMessage(field, ChangeSize(change));
  writer.BytesField(1, FormatRequestId(change.request_id));
  WriteBallotField(2, change.ballot, writer);
  writer.VarintField(3, ZigZag(change.result));
}

// A blind write's root is the record's own ballot; absent says so in no bytes.
bool HasRootField(const model::Record& record, const model::Ballot& own) {
  return record.lineage.root() != own;
}

size_t RecordSize(const model::Record& record, const model::Ballot& own) {
  size_t size = VarintFieldSize(static_cast<uint64_t>(record.state)) +
                BytesFieldSize(record.value) + BytesFieldSize(record.content_type) +
                VarintFieldSize(record.expire_at_ms);
  if (HasRootField(record, own)) size += MessageFieldSize(BallotSize(record.lineage.root()));
  for (const model::Change& change : record.lineage.changes()) {
    size += MessageFieldSize(ChangeSize(change));
  }
  return size;
}

void WriteRecord(uint32_t field, const model::Record& record, const model::Ballot& own,
                 size_t size_bytes, ProtoWriter& writer) {
  writer.BeginMessage(field, size_bytes);
  writer.VarintField(1, static_cast<uint64_t>(record.state));
  writer.BytesField(2, record.value);
  writer.BytesField(3, record.content_type);
  writer.VarintField(4, record.expire_at_ms);
  if (HasRootField(record, own)) WriteBallot(5, record.lineage.root(), writer);
  for (const model::Change& change : record.lineage.changes()) WriteChange(6, change, writer);
}

size_t HeaderSize(const RequestHeader& header) {
  return Fixed64FieldSize(header.id) + VarintFieldSize(header.partition) +
         VarintFieldSize(header.epoch) + Fixed64FieldSize(header.incarnation) +
         Fixed64FieldSize(header.hlc) + VarintFieldSize(header.timeout_ms) +
         BytesFieldSize(header.namespace_name) + BytesFieldSize(header.key) +
         VarintFieldSize(header.ballot_floor_epoch) + VarintFieldSize(header.joiner);
}

void WriteHeader(const RequestHeader& header, ProtoWriter& writer) {
  writer.Fixed64Field(1, header.id);
  writer.VarintField(2, header.partition);
  writer.VarintField(3, header.epoch);
  writer.Fixed64Field(4, header.incarnation);
  writer.Fixed64Field(5, header.hlc);
  writer.VarintField(6, header.timeout_ms);
  writer.BytesField(7, header.namespace_name);
  writer.BytesField(8, header.key);
  writer.VarintField(12, header.ballot_floor_epoch);
  writer.VarintField(13, header.joiner);
}

AcceptBody BodyOf(const model::AcceptRequest& request) {
  return AcceptBody{request.ballot, &request.record, request.next, request.fsync, request.repair};
}

size_t ReplySize(uint64_t id, const model::ReplicaReply& reply, size_t record_size_bytes) {
  return Fixed64FieldSize(id) + VarintFieldSize(static_cast<uint64_t>(reply.status)) +
         BallotFieldSize(reply.accepted) + BallotFieldSize(reply.promised) +
         BallotFieldSize(reply.previous) +
         (reply.record.has_value() ? MessageFieldSize(record_size_bytes) : 0) +
         VarintFieldSize(static_cast<uint64_t>(reply.state)) + VarintFieldSize(reply.expire_at_ms) +
         Fixed64FieldSize(reply.hlc) + BallotFieldSize(reply.forgotten) +
         BytesFieldSize(reply.message);
}

}  // namespace

void AppendRead(const RequestHeader& header, const model::ReadRequest& body, std::string* batch) {
  const size_t body_size = VarintFieldSize(body.digest);
  const size_t size = HeaderSize(header) + MessageFieldSize(body_size);
  ProtoWriter writer(batch, MessageFieldSize(size));
  writer.BeginMessage(2, size);
  WriteHeader(header, writer);
  writer.BeginMessage(9, body_size);
  writer.VarintField(1, body.digest);
}

void AppendPrepare(const RequestHeader& header, const model::PrepareRequest& body,
                   std::string* batch) {
  const size_t body_size = BallotFieldSize(body.ballot);
  const size_t size = HeaderSize(header) + MessageFieldSize(body_size);
  ProtoWriter writer(batch, MessageFieldSize(size));
  writer.BeginMessage(2, size);
  WriteHeader(header, writer);
  writer.BeginMessage(10, body_size);
  WriteBallotField(1, body.ballot, writer);
}

void AppendAccept(const RequestHeader& header, const AcceptBody& body, std::string* batch) {
  QC_CHECK(body.record != nullptr);
  const size_t record_size = RecordSize(*body.record, body.ballot);
  const size_t body_size = BallotFieldSize(body.ballot) + MessageFieldSize(record_size) +
                           BallotFieldSize(body.next) + VarintFieldSize(body.fsync) +
                           VarintFieldSize(body.repair);
  const size_t size = HeaderSize(header) + MessageFieldSize(body_size);
  ProtoWriter writer(batch, MessageFieldSize(size));
  writer.BeginMessage(2, size);
  WriteHeader(header, writer);
  writer.BeginMessage(11, body_size);
  WriteBallotField(1, body.ballot, writer);
  WriteRecord(2, *body.record, body.ballot, record_size, writer);
  WriteBallotField(3, body.next, writer);
  writer.VarintField(4, body.fsync);
  writer.VarintField(5, body.repair);
}

void AppendRequest(uint64_t id, uint32_t timeout_ms, const model::ReplicaRequest& request,
                   std::string* batch) {
  const RequestHeader header{.id = id,
                             .partition = request.partition,
                             .epoch = request.epoch,
                             .ballot_floor_epoch = request.ballot_floor_epoch,
                             .joiner = request.joiner,
                             .incarnation = request.incarnation,
                             .hlc = request.hlc,
                             .timeout_ms = timeout_ms,
                             .namespace_name = request.key.namespace_name,
                             .key = request.key.bytes};
  if (const auto* read = std::get_if<model::ReadRequest>(&request.body)) {
    AppendRead(header, *read, batch);
  } else if (const auto* prepare = std::get_if<model::PrepareRequest>(&request.body)) {
    AppendPrepare(header, *prepare, batch);
  } else {
    AppendAccept(header, BodyOf(std::get<model::AcceptRequest>(request.body)), batch);
  }
}

void AppendReply(uint64_t id, const model::ReplicaReply& reply, std::string* batch) {
  const size_t record_size =
      reply.record.has_value() ? RecordSize(*reply.record, reply.accepted) : 0;
  const size_t size = ReplySize(id, reply, record_size);
  ProtoWriter writer(batch, MessageFieldSize(size));
  writer.BeginMessage(2, size);
  writer.Fixed64Field(1, id);
  writer.VarintField(2, static_cast<uint64_t>(reply.status));
  WriteBallotField(3, reply.accepted, writer);
  WriteBallotField(4, reply.promised, writer);
  WriteBallotField(5, reply.previous, writer);
  if (reply.record.has_value()) {
    WriteRecord(6, *reply.record, reply.accepted, record_size, writer);
  }
  writer.VarintField(7, static_cast<uint64_t>(reply.state));
  writer.VarintField(8, reply.expire_at_ms);
  writer.Fixed64Field(9, reply.hlc);
  WriteBallotField(10, reply.forgotten, writer);
  writer.BytesField(11, reply.message);
}

void AppendRefusal(uint64_t id, model::ReplyStatus status, absl::string_view message,
                   std::string* batch) {
  model::ReplicaReply reply;
  reply.status = status;
  reply.message = std::string(message);
  AppendReply(id, reply, batch);
}

void AppendHello(const Hello& hello, std::string* batch) {
  const size_t size = VarintFieldSize(hello.protocol_version) + BytesFieldSize(hello.cluster_id) +
                      BytesFieldSize(hello.sender) + Fixed64FieldSize(hello.incarnation) +
                      VarintFieldSize(hello.oldest_version);
  ProtoWriter writer(batch, MessageFieldSize(size));
  writer.BeginMessage(1, size);
  writer.VarintField(1, hello.protocol_version);
  writer.BytesField(2, hello.cluster_id);
  writer.BytesField(3, hello.sender);
  writer.Fixed64Field(4, hello.incarnation);
  writer.VarintField(5, hello.oldest_version);
}

void AppendPing(uint64_t number, std::string* batch) {
  ProtoWriter writer(batch, Fixed64FieldSize(number));
  writer.Fixed64Field(3, number);
}

}  // namespace quorumcache::wire
