// SPDX-License-Identifier: Apache-2.0
// Gate: whether a replica executes a request at all, before it looks at the key.
//
// Protocol: docs/PROTOCOL.md#replica and #topology. What the gate turns away is not executed, now
// or later: model::NotExecuted() holds for every status it gives.
#pragma once

#include <cstdint>
#include <string>

#include "common/model/hlc.h"
#include "common/model/replica_message.h"
#include "storage_node/replica/partition_table.h"
#include "storage_node/replica/test_mutations.h"
#include "storage_node/replica/transfer.h"

namespace quorumcache::replica {

// What a request must match.
struct GateOptions {
  // Of this node's data directory; requests meant for another are refused.
  uint64_t incarnation = 0;
  // A request whose clock is ahead of ours by more is refused.
  uint64_t clock_skew_ms_max = 0;
  TestMutations mutations;
};

// The verdict on one request: kOk to go on.
struct Admission {
  model::ReplyStatus status = model::ReplyStatus::kOk;
  // For people.
  std::string message;
};

// Thread-compatible. Borrows the table and the clock, which its owner also uses.
class Gate {
 public:
  Gate(const GateOptions& options, PartitionTable* partitions, model::HybridClock* clock)
      : options_(options), partitions_(partitions), clock_(clock) {}

  // Admits or refuses; learns a higher epoch (pending in the table, which the caller persists with
  // the batch) and the request's HLC. `wall_ms`: this node's clock.
  Admission Admit(const model::ReplicaRequest& request, uint64_t wall_ms);

  // The part of it that concerns a request for a whole partition, of which all must be here.
  Admission AdmitPartition(uint32_t partition, uint32_t epoch, uint64_t incarnation);
  // The same for a page of it, for whoever takes over.
  Admission AdmitPull(const PullRequest& request);

 private:
  Admission CheckIdentity(uint32_t partition, uint64_t incarnation) const;
  Admission CheckClock(uint64_t hlc, uint64_t wall_ms) const;
  Admission CheckEpoch(uint32_t partition, uint32_t epoch);
  Admission CheckRole(const model::ReplicaRequest& request) const;
  Admission CheckWhole(uint32_t partition) const;

  const GateOptions options_;
  PartitionTable* const partitions_;
  model::HybridClock* const clock_;
};

// kOk, or kInvalid with what is wrong: key, namespace, ballots and record as
// docs/PROTOCOL.md and common/base/limits.h have them.
Admission ValidateRequest(const model::ReplicaRequest& request);

// A hint or repair: it delivers an Accept of an earlier time.
bool SkipsEpoch(const model::ReplicaRequest& request);

// The highest HLC anywhere in a request: its sender's clock and the ballots it names.
uint64_t HighestHlc(const model::ReplicaRequest& request);

}  // namespace quorumcache::replica
