// SPDX-License-Identifier: Apache-2.0
// What a coordinator asks a replica and what it answers, for one key: docs/PROTOCOL.md#replica.
//
// The protobuf forms are in proto/quorumcache/internal/v1/replica.proto; common/wire converts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/model/ballot.h"
#include "common/model/key.h"
#include "common/model/record.h"

namespace quorumcache::model {

struct ReadRequest {
  // Only ballots, state and expiry; no record.
  bool digest = false;
};

struct PrepareRequest {
  Ballot ballot;
};

struct AcceptRequest {
  Ballot ballot;
  Record record;
  // Promised in advance to the same coordinator; zero: none.
  Ballot next;
  // The reply waits for an fsync.
  bool fsync = false;
  // Repair or hint: skips the epoch test, nothing else.
  bool repair = false;
};

struct ReplicaRequest {
  uint32_t partition = 0;
  // The sender's epoch of the partition, and what its map says with it: the replica may not have
  // seen that map yet. Accepts with a ballot of an epoch below the floor epoch are dead.
  uint32_t epoch = 0;
  uint32_t ballot_floor_epoch = 0;
  // The target is the joiner of its slot, not a holder.
  bool joiner = false;
  // The node incarnation the request is meant for.
  uint64_t incarnation = 0;
  // Highest HLC the sender knows; its milliseconds are the reader's `now`.
  uint64_t hlc = 0;
  Key key;
  std::variant<ReadRequest, PrepareRequest, AcceptRequest> body;
};

// The numbers are on the wire.
enum class ReplyStatus : uint8_t {
  kUnspecified = 0,
  kOk = 1,  // read answered; promised; accepted
  kRefused =
      2,  // Prepare or Accept: a higher ballot or the floor stands against it. Stays refused (I5)

  // Nothing was executed, and nothing will be on account of this request:
  kStaleEpoch = 3,   // the replica knows a higher epoch of the partition
  kWrongNode = 4,    // another incarnation, or a partition this node does not hold
  kClockSkew = 5,    // the request's HLC is too far ahead of the replica's clock
  kExpired = 6,      // its time was up before it was executed
  kOverloaded = 7,   // a queue is full
  kDiskFull = 8,     // the node is read-only until space returns
  kUnavailable = 9,  // the node is starting, stopping or fenced after an I/O error
  kInvalid = 10,     // malformed
  kCorrupt = 11,     // the stored record fails its checksum

  // Made by the sender's shell:
  kNotSent = 32,  // it never left: the replica cannot have seen it
  // It may have been executed: the connection broke, or an error came after the fact. A replica
  // itself answers so when an fsync has failed: the record may be there after a restart, or not.
  kLost = 33,
};

// Whether the replica certainly did not execute the request (and never will).
constexpr bool NotExecuted(ReplyStatus status) {
  return status != ReplyStatus::kUnspecified && status != ReplyStatus::kOk &&
         status != ReplyStatus::kRefused && status != ReplyStatus::kLost;
}

// Whether the replica itself said nothing.
constexpr bool IsSilence(ReplyStatus status) {
  return status == ReplyStatus::kNotSent || status == ReplyStatus::kLost;
}

struct ReplicaReply {
  ReplyStatus status = ReplyStatus::kUnspecified;
  // A: ballot of the record held, after the request was executed; zero: none.
  Ballot accepted;
  // P' = max(promised, floor).
  Ballot promised;
  // Ballot of the record that A replaced.
  Ballot previous;
  // What is dead at or below it may have been dropped, and is the same at all replicas where it has
  // not: docs/PROTOCOL.md#forgetting. Never above F.
  Ballot forgotten;
  // Read: of the record. Accept said yes: of the record that was replaced (kAbsent on a repeat).
  RecordState state = RecordState::kAbsent;
  uint64_t expire_at_ms = 0;
  // The record: Read that is not a digest, and Prepare that was promised.
  std::optional<Record> record;
  // Highest HLC the replica has seen.
  uint64_t hlc = 0;
  // For people: why the status is not kOk.
  std::string message;
};

}  // namespace quorumcache::model
