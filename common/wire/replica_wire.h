// SPDX-License-Identifier: Apache-2.0
// The messages of proto/quorumcache/internal/v1/replica.proto (Exchange), to and from their wire
// bytes.
//
// A quorum operation passes twelve of these messages. Generated protobuf objects cost one
// allocation a sub-message and a copy each way, so the stream's batches are written and read here
// directly in protobuf's wire format (https://protobuf.dev/programming-guides/encoding): a batch is
// built by appending, and read into model objects that are used again. The generated classes are
// the tests' oracle for both directions.
//
// Decoding takes bytes from the network: whatever they are, the answer is a Status, never a crash.
// Unknown fields are skipped, repeated ones replace each other, as protobuf has it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/model/replica_message.h"

namespace quorumcache::wire {

// Bumped when a message means something that an older process would misunderstand.
inline constexpr uint32_t kReplicaProtocolVersion = 1;
// Bumped when what the versions before it say is no longer understood: one release at the earliest
// after all processes speak a newer one, so that a rolling upgrade never splits a cluster.
inline constexpr uint32_t kReplicaProtocolOldest = 1;

// The first message each way.
struct Hello {
  uint32_t protocol_version = kReplicaProtocolVersion;
  std::string cluster_id;
  // Who speaks: a node id, or a coordinator's name.
  std::string sender;
  // Of the storage node that answers; 0 from coordinators.
  uint64_t incarnation = 0;
  // The oldest version it still understands; 0: only protocol_version.
  uint32_t oldest_version = kReplicaProtocolOldest;
};

// The version that two processes speak with each other: the older of theirs. FAILED_PRECONDITION
// with both sides' versions: one of them does not understand that any more.
absl::StatusOr<uint32_t> NegotiateVersion(const Hello& own, const Hello& peer);

// What every request carries. Borrows its strings.
struct RequestHeader {
  // Chosen by the sender, returned with the reply.
  uint64_t id = 0;
  uint32_t partition = 0;
  uint32_t epoch = 0;
  uint32_t ballot_floor_epoch = 0;
  bool joiner = false;
  uint64_t incarnation = 0;
  uint64_t hlc = 0;
  // Dropped unexecuted (kExpired) when so many milliseconds have passed since it arrived. 0: at
  // once.
  uint32_t timeout_ms = 0;
  absl::string_view namespace_name;
  absl::string_view key;
};

// model::AcceptRequest with a borrowed record. Requires: `record` is set.
struct AcceptBody {
  model::Ballot ballot;
  const model::Record* record = nullptr;
  model::Ballot next;
  bool fsync = false;
  bool repair = false;
};

// Each appends one message to a batch: a ReplicaRequestBatch for requests, a ReplicaReplyBatch for
// replies. The concatenation of batches is a batch.
void AppendRead(const RequestHeader& header, const model::ReadRequest& body, std::string* batch);
void AppendPrepare(const RequestHeader& header, const model::PrepareRequest& body,
                   std::string* batch);
void AppendAccept(const RequestHeader& header, const AcceptBody& body, std::string* batch);
void AppendRequest(uint64_t id, uint32_t timeout_ms, const model::ReplicaRequest& request,
                   std::string* batch);
void AppendReply(uint64_t id, const model::ReplicaReply& reply, std::string* batch);
// A reply that says nothing but its status.
void AppendRefusal(uint64_t id, model::ReplyStatus status, absl::string_view message,
                   std::string* batch);
// Hello and ping are the same field in both kinds of batch.
void AppendHello(const Hello& hello, std::string* batch);
void AppendPing(uint64_t number, std::string* batch);

// What the next element of a batch is.
enum class BatchItem : uint8_t { kEnd, kHello, kPing, kMessage, kMalformed };

// Reads a ReplicaRequestBatch; `bytes` is borrowed. Thread-compatible.
class RequestBatchReader {
 public:
  explicit RequestBatchReader(absl::string_view bytes) : rest_(bytes) {}

  // Steps to the next element and reads it into the accessors below. kMalformed is final: the rest
  // of the batch cannot be trusted. A message that parses but makes no sense (no body, an empty
  // key, a state that does not exist) is kMessage with a status() that is not OK: answer it with
  // kInvalid.
  BatchItem Next() { return NextInto(&request_); }

  // Of kMessage. request() may be moved from; if it is not, its buffers are used again.
  uint64_t id() const { return id_; }
  uint32_t timeout_ms() const { return timeout_ms_; }
  model::ReplicaRequest& request() { return request_; }
  // Reads the next kMessage into `target`; for callers that keep a vector of requests to use again.
  BatchItem NextInto(model::ReplicaRequest* target);
  const absl::Status& status() const { return status_; }
  const Hello& hello() const { return hello_; }
  uint64_t ping() const { return ping_; }

 private:
  absl::string_view rest_;
  uint64_t id_ = 0;
  uint32_t timeout_ms_ = 0;
  uint64_t ping_ = 0;
  model::ReplicaRequest request_;
  Hello hello_;
  absl::Status status_;
};

// Reads a ReplicaReplyBatch; as RequestBatchReader. A reply whose status or state has no meaning
// here is kMalformed: the peer is not what it said in its hello.
class ReplyBatchReader {
 public:
  explicit ReplyBatchReader(absl::string_view bytes) : rest_(bytes) {}

  BatchItem Next();

  uint64_t id() const { return id_; }
  // May be moved from.
  model::ReplicaReply& reply() { return reply_; }
  const Hello& hello() const { return hello_; }
  uint64_t ping() const { return ping_; }

 private:
  absl::string_view rest_;
  uint64_t id_ = 0;
  uint64_t ping_ = 0;
  model::ReplicaReply reply_;
  Hello hello_;
};

}  // namespace quorumcache::wire
