// SPDX-License-Identifier: Apache-2.0
// BatchProcessor: encoded batches in, one Replica::Apply, encoded replies out.
//
// All batches that are waiting, of all streams, become one unit of work for the replica: one
// MultiGet, one write, one fsync. Pure but for the replica's engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/time.h"
#include "common/model/replica_message.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::node_service {

// One message of a stream; `bytes` is borrowed.
struct EncodedBatch {
  uint64_t stream = 0;
  absl::string_view bytes;
  base::MonotonicTime arrived;
};

// The answer to one EncodedBatch.
struct EncodedReplies {
  uint64_t stream = 0;
  std::string bytes;
  // Not OK: the message was malformed, none of it was executed, and the stream must end.
  absl::Status malformed;
};

// Thread-compatible. Its buffers are kept from batch to batch.
class BatchProcessor {
 public:
  explicit BatchProcessor(replica::Replica& replica) : replica_(replica) {}

  // Answers batches[i] in (*replies)[i]. Requests whose time is up are not executed (kExpired), nor
  // are those that make no sense (kInvalid). The same as Read and then Execute.
  void Process(std::span<const EncodedBatch> batches, const base::Now& now,
               std::vector<EncodedReplies>* replies);

  // The first half: decodes, and refuses what will not be executed. May be called again instead of
  // Execute: nothing has happened yet.
  void Read(std::span<const EncodedBatch> batches, const base::Now& now,
            std::vector<EncodedReplies>* replies);
  // Whether what was read waits for an fsync: its own, or that of an epoch which the replica learns
  // from it.
  bool WaitsForFsync() const;
  // The second half: applies what was read, as one unit.
  void Execute(const base::Now& now, std::vector<EncodedReplies>* replies);

  // Requests in the last Read that are for the replica.
  size_t last_request_count() const { return slots_.size(); }

 private:
  // Where the reply to requests_[i] goes.
  struct Slot {
    uint64_t id = 0;
    uint32_t batch = 0;
  };

  void Decode(const EncodedBatch& batch, uint32_t index, const base::Now& now,
              EncodedReplies* replies);
  void Encode(std::vector<EncodedReplies>* replies);

  replica::Replica& replica_;
  // The first slots_.size() of requests_ are the present ones; the rest keep their memory.
  std::vector<model::ReplicaRequest> requests_;
  std::vector<Slot> slots_;
  std::vector<model::ReplicaReply> answers_;
  size_t size_bytes_ = 0;  // of what was read
};

}  // namespace quorumcache::node_service
