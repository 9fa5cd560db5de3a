// SPDX-License-Identifier: Apache-2.0
// WorkingSet: the keys of one batch of requests, each once, as they were and as the batch has made
// them.
//
// Several requests for one key in one batch see each other's effect in order, and one row is
// written for them. Nothing here touches the engine or the cache: Replica loads the keys and writes
// them back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/hash/token.h"
#include "common/model/key.h"
#include "common/model/record.h"
#include "storage_node/replica/acceptor.h"

namespace quorumcache::replica {

inline constexpr uint32_t kNoIndex = UINT32_MAX;

// One key of a batch.
struct WorkingKey {
  hash::Token token = 0;
  std::string engine_key;
  // Not OK: what is stored could not be read, so no request for the key can be decided.
  absl::Status status;
  bool was_cached = false;

  // As stored before the batch. `committed` is the encoded record, empty where there is none;
  // borrowed from the cache or from the replica's lookups, so only its size may be looked at once
  // the cache changes.
  absl::string_view committed;
  size_t committed_size = 0;
  Acceptor before;
  // What the promises' family holds for the key, also once it has been overtaken; zero: no row.
  // Once the batch is encoded: what it leaves there.
  model::Ballot promise_row;
  model::RecordState state_before = model::RecordState::kAbsent;

  // As the batch has made it so far.
  Acceptor now;
  model::RecordState state = model::RecordState::kAbsent;
  uint64_t expire_at_ms = 0;
  // The record accepted in this batch, borrowed from its request; null: still `committed`.
  const model::Record* accepted_record = nullptr;
  // Index of the first request that changed the key: it and what comes after depend on the write.
  uint32_t first_change = kNoIndex;
  // Where the encoded record is in the write batch.
  uint32_t put_index = kNoIndex;

  bool IsChanged() const { return first_change != kNoIndex; }
  // The record as the batch has made it so far; copied.
  model::Record CurrentRecord() const;
  // Starts from what is stored: `committed`, verified, and the promise's own row (zero: none).
  void SetCommitted(absl::string_view encoded, const model::Ballot& stored_promise_row);
};

// Reused from batch to batch, so that warm batches allocate nothing. Thread-compatible.
class WorkingSet {
 public:
  // Forgets all keys; at most `key_count_max` will be added.
  void Reset(size_t key_count_max);
  // The index of the key, which is new or has been added before.
  uint32_t Add(hash::Token token, const model::Key& key);

  uint32_t size() const { return size_; }
  WorkingKey& at(uint32_t index) { return keys_.at(index); }

 private:
  std::vector<WorkingKey> keys_;
  // The first size_ keys are in use.
  uint32_t size_ = 0;
  // Open addressing by token; a power of two, at least twice the keys.
  std::vector<uint32_t> table_;
  std::string scratch_;
};

}  // namespace quorumcache::replica
