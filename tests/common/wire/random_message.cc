// SPDX-License-Identifier: Apache-2.0
#include "tests/common/wire/random_message.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"

namespace quorumcache::wire {
namespace {

// Zero, small, and everything up to 64 bits: the lengths of varints.
uint64_t RandomNumber(base::Random& random) {
  return random.OneIn(4) ? 0 : random.Next() >> random.Uniform(64);
}

std::string RandomBytes(base::Random& random, size_t size_max) {
  std::string bytes(random.Uniform(size_max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next());
  return bytes;
}

model::Ballot RandomBallot(base::Random& random) {
  return model::Ballot{static_cast<uint32_t>(RandomNumber(random)), RandomNumber(random),
                       RandomNumber(random)};
}

model::Ballot NonZeroBallot(base::Random& random) {
  model::Ballot ballot = RandomBallot(random);
  ballot.hlc |= 1;
  return ballot;
}

model::Record RandomRecord(base::Random& random, const model::Ballot& own) {
  model::Record record;
  record.state = random.OneIn(3) ? model::RecordState::kTombstone : model::RecordState::kValue;
  record.value = RandomBytes(random, random.OneIn(5) ? 3000 : 40);
  if (random.OneIn(3)) record.content_type = "text/plain";
  record.expire_at_ms = RandomNumber(random);
  std::vector<model::Change> changes(random.Uniform(limits::kLineageChangesMax + 1));
  for (model::Change& change : changes) {
    change.request_id = {RandomNumber(random), RandomNumber(random)};
    change.ballot = RandomBallot(random);
    change.result = static_cast<int64_t>(RandomNumber(random));
  }
  record.lineage = model::Lineage(random.OneIn(2) ? own : RandomBallot(random), std::move(changes));
  return record;
}

std::string Describe(const model::Ballot& ballot) {
  return absl::StrCat(ballot.epoch, ".", ballot.hlc, ".", ballot.proposer);
}

std::string Describe(const model::Record& record) {
  std::string text =
      absl::StrCat("{state=", static_cast<int>(record.state),
                   " value=", absl::CHexEscape(record.value), " type=", record.content_type,
                   " expire=", record.expire_at_ms, " root=", Describe(record.lineage.root()));
  for (const model::Change& change : record.lineage.changes()) {
    absl::StrAppend(&text, " change=", change.request_id.high, "/", change.request_id.low, "@",
                    Describe(change.ballot), "=", change.result);
  }
  return text + "}";
}

std::string Describe(const decltype(model::ReplicaRequest::body)& body) {
  if (const auto* read = std::get_if<model::ReadRequest>(&body)) {
    return absl::StrCat("read digest=", read->digest);
  }
  if (const auto* prepare = std::get_if<model::PrepareRequest>(&body)) {
    return absl::StrCat("prepare ", Describe(prepare->ballot));
  }
  const auto& accept = std::get<model::AcceptRequest>(body);
  return absl::StrCat("accept ", Describe(accept.ballot), Describe(accept.record),
                      " next=", Describe(accept.next), " fsync=", accept.fsync,
                      " repair=", accept.repair);
}

}  // namespace

model::ReplicaRequest RandomRequest(base::Random& random) {
  model::ReplicaRequest request;
  request.partition = static_cast<uint32_t>(RandomNumber(random));
  request.epoch = static_cast<uint32_t>(RandomNumber(random));
  request.ballot_floor_epoch = static_cast<uint32_t>(RandomNumber(random));
  request.joiner = random.OneIn(2);
  request.incarnation = RandomNumber(random);
  request.hlc = RandomNumber(random);
  request.key.namespace_name = random.OneIn(2) ? "default" : "a-name_9";
  request.key.bytes = "k" + RandomBytes(random, random.OneIn(5) ? 4000 : 30);
  switch (random.Uniform(3)) {
    case 0:
      request.body = model::ReadRequest{random.OneIn(2)};
      break;
    case 1:
      request.body = model::PrepareRequest{NonZeroBallot(random)};
      break;
    default: {
      const model::Ballot ballot = NonZeroBallot(random);
      request.body = model::AcceptRequest{ballot, RandomRecord(random, ballot),
                                          RandomBallot(random), random.OneIn(2), random.OneIn(2)};
    }
  }
  return request;
}

model::ReplicaReply RandomReply(base::Random& random) {
  model::ReplicaReply reply;
  reply.status = static_cast<model::ReplyStatus>(1 + random.Uniform(11));
  reply.accepted = RandomBallot(random);
  reply.promised = RandomBallot(random);
  reply.previous = RandomBallot(random);
  reply.forgotten = RandomBallot(random);
  reply.state = static_cast<model::RecordState>(random.Uniform(3));
  reply.expire_at_ms = RandomNumber(random);
  if (random.OneIn(2)) reply.record = RandomRecord(random, reply.accepted);
  reply.hlc = RandomNumber(random);
  if (random.OneIn(4)) reply.message = "because";
  return reply;
}

std::string Describe(const model::ReplicaRequest& request) {
  return absl::StrCat(request.partition, " ", request.epoch, " ", request.ballot_floor_epoch, " ",
                      request.joiner, " ", request.incarnation, " ", request.hlc, " ",
                      request.key.namespace_name, ":", absl::CHexEscape(request.key.bytes), " ",
                      Describe(request.body));
}

std::string Describe(const model::ReplicaReply& reply) {
  return absl::StrCat(static_cast<int>(reply.status), " A=", Describe(reply.accepted),
                      " P=", Describe(reply.promised), " previous=", Describe(reply.previous),
                      " F=", Describe(reply.forgotten), " state=", static_cast<int>(reply.state),
                      " expire=", reply.expire_at_ms, " hlc=", reply.hlc, " ", reply.message,
                      reply.record.has_value() ? Describe(*reply.record) : " no record");
}

}  // namespace quorumcache::wire
