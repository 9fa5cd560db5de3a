// SPDX-License-Identifier: Apache-2.0
// Operation: one client request on one key, from its first message to its answer.
//
// Pure: no threads, clock, gRPC or logging; time arrives as an argument, intent leaves as Actions.
// Protocol: docs/PROTOCOL.md#operations. ReadOp (read_op.h), WriteOp (write_op.h) and RegisterOp
// (register_op.h) are the three kinds; coordinator/service runs them, and so does the simulator.
//
// The shell's duties, in this order, after every call that returns Actions:
//   1. SEND every Send (or answer it at once with kNotSent / kLost). A Send's record is borrowed
//   from the
//      operation: copy or serialise it before the next call. ReplicaRequest::hlc MUST be
//      clock->last() at that time: expiry is judged by a time that the replicas have been told
//      (docs/PROTOCOL.md#expiry).
//   2. If `finished` is set, ANSWER the client with result(). It is set exactly once.
//   3. ARM a timer for wake_at(), which may have changed; call OnTimer when it has passed.
//   4. Destroy the operation once settled() (finished, and no reply would change anything any
//   more).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/container/inlined_vector.h"
#include "common/base/random.h"
#include "common/base/time.h"
#include "common/model/consistency.h"
#include "common/model/hlc.h"
#include "common/model/replica_message.h"
#include "common/model/replica_set.h"
#include "coordinator/quorum/mutant.h"
#include "coordinator/quorum/mutation.h"
#include "coordinator/quorum/slots.h"

namespace quorumcache::quorum {

// An Accept as it leaves an operation; the record is the operation's own.
struct AcceptSend {
  model::Ballot ballot;
  const model::Record* record = nullptr;
  model::Ballot next;
  bool fsync = false;
  bool repair = false;
};

struct Send {
  ReplicaIndex replica = 0;
  // Returned with the reply; tells rounds of one operation apart.
  uint32_t round = 0;
  std::variant<model::ReadRequest, model::PrepareRequest, AcceptSend> body;
};

struct Actions {
  absl::InlinedVector<Send, 3> sends;
  bool finished = false;
};

// Why an operation did not do what was asked. common words with the reasons of docs/OPERATIONS.md.
enum class OpError : uint8_t {
  kNone,
  kQuorumUnreachable,  // too few replicas could be asked; nothing that was sent can be applied
  kOutcomeUnknown,     // sent, and not heard from enough replicas in time
  kContention,         // gave up against other writers; not applied
  kKeyExists,          // if_absent; result().version is the present one
  kKeyNotFound,        // if_present, if_etag on an absent key
  kEtagMismatch,       // if_etag; result().version is the present one
  kNotAnInteger,
  kOverflow,
  kOverloaded,     // replicas shed it
  kDiskFull,       // replicas are read-only
  kClockSkew,      // replicas refuse this coordinator's clock
  kStaleTopology,  // replicas know a newer map: look again and start over with TakeMutation()
  kCorrupt,        // every copy that answered fails its checksum
};

// Whether the change has happened. Reads are always kNotApplied.
enum class Outcome : uint8_t { kApplied, kNotApplied, kUnknown };

struct OpResult {
  OpError error = OpError::kNone;
  Outcome outcome = Outcome::kNotApplied;
  // A live value was there: of a read, its record; of a Touch, what was touched.
  bool found = false;
  // Version of the record read or written (Lineage::LastChange): the etag.
  model::Ballot version;
  // Get: the record read (moved out by the shell). Writes: expiry and state of the record written.
  model::Record record;
  // Writes: a live value was replaced. Blind writes: as the acknowledging replicas saw it.
  bool replaced = false;
  // return_previous: the live record that was replaced, and its version.
  std::optional<model::Record> previous;
  model::Ballot previous_version;
  // return_previous: an earlier try of the same request id applied the change, and nobody knows
  // what it replaced.
  bool previous_unknown = false;
  // Increment.
  int64_t number = 0;
  // Slots that had to answer and slots that had.
  uint8_t required = 0;
  uint8_t responded = 0;
  // Outcome kUnknown: what the client sends back with its retry (docs/PROTOCOL.md#exactly-once).
  model::Ballot first;
  // For people: what the replicas said. Empty on success.
  std::string detail;
};

// What every operation is made with. `clock` and `random` are the coordinator's and outlive the
// operation.
struct OperationContext {
  model::HybridClock* clock = nullptr;
  base::Random* random = nullptr;
  // Of this coordinator start; never 0.
  uint64_t proposer = 0;
  model::ReplicaSet replicas;
  base::MonotonicTime deadline;
  model::Consistency consistency = model::Consistency::kQuorum;
  // Replicas known to be unreachable when the operation starts. Where they leave too few, nothing
  // is sent and the answer is kQuorumUnreachable, not applied, at once; reads ask the others first.
  ReplicaMask unreachable = 0;
  // A planted bug, for the tests that prove the simulator finds it.
  Mutant mutant = Mutant::kNone;
};

// Thread-compatible; the caller serialises calls.
class Operation {
 public:
  Operation(OperationContext context, model::Key key)
      : context_(std::move(context)), key_(std::move(key)) {}
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Call once, first.
  [[nodiscard]] virtual Actions Start(const base::Now& now) = 0;
  // Takes the answer to a Send. Late and repeated answers are ignored: a retried message may answer
  // twice.
  [[nodiscard]] virtual Actions OnReply(ReplicaIndex replica, uint32_t round,
                                        model::ReplicaReply reply, const base::Now& now) = 0;
  // Call when wake_at() has passed; too early is harmless.
  [[nodiscard]] virtual Actions OnTimer(const base::Now& now) = 0;

  // When OnTimer is due: the deadline, a hedge or a backoff. Infinite() once settled.
  virtual base::MonotonicTime wake_at() const = 0;
  // No reply would change anything any more.
  bool settled() const { return finished_; }
  // Requires: finished. Non-const so that the shell can move the value out.
  OpResult& result() { return result_; }
  const model::ReplicaSet& replicas() const { return context_.replicas; }
  const model::Key& key() const { return key_; }
  // For starting over on kStaleTopology. Requires: finished.
  model::Key TakeKey() { return std::move(key_); }
  // The same, of a write: with its request id and `first` where the outcome is not certain, so that
  // the second try finds out what the first one did. Of a read: nothing of use.
  virtual Mutation TakeMutation() { return Mutation{}; }

  // For people who ask why it took so long, at any time.
  // Rounds of messages so far; 0: nothing was sent.
  virtual uint32_t rounds() const { return 0; }
  // Those that have not answered what the present round asked them, or could not be reached.
  virtual ReplicaMask awaited() const { return 0; }
  // The client's name for this change, where it gave one.
  virtual std::optional<model::RequestId> request_id() const { return std::nullopt; }

 protected:
  // SlotsCovered, as every operation counts.
  size_t YesSlots(ReplicaMask yes) const {
    return context_.mutant == Mutant::kSlotByOneOfPair
               ? SlotsOpen(context_.replicas, 0) - SlotsOpen(context_.replicas, yes)
               : SlotsCovered(context_.replicas, yes);
  }

  // NeverAccepted (failures.h), as every operation counts.
  bool CountsAsNeverAccepted(const model::ReplicaReply& reply, const model::Ballot& ballot) const;

  OperationContext context_;
  OpResult result_;
  bool finished_ = false;

 private:
  model::Key key_;
};

}  // namespace quorumcache::quorum
