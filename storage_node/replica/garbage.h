// SPDX-License-Identifier: Apache-2.0
// Garbage: tombstones and expired records of one partition, and what has to be known before they
// may go. Protocol: docs/PROTOCOL.md#forgetting.
//
// All of it works in pages of bounded work, so that a large partition never holds up the requests
// behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/model/ballot.h"
#include "common/model/replica_message.h"
#include "storage_node/engine/engine.h"

namespace quorumcache::replica {

// What is asked about one partition, the same of all its replicas.
struct GarbageQuery {
  uint32_t partition = 0;
  // The asker's epoch of the partition: a replica that learns of it here obeys no lower one
  // afterwards. And the incarnation that is meant, which each replica has its own of.
  uint32_t epoch = 0;
  uint64_t incarnation = 0;
  // f: only entries with ballots up to it count.
  model::Ballot floor;
  // Judges expiry; chosen once for a round, so that all replicas judge alike, and behind the time
  // by more than any clock's error.
  uint64_t now_ms = 0;
  // Engine key behind which to go on; empty: the partition's beginning.
  std::string after;
  // Only live entries count: what no replica may have alone once others drop their garbage.
  bool live_only = false;
};

// What a walk over a partition, or a page of it, has found dead or bound to die, and left there.
struct GarbageTally {
  // When the first of it was deleted or expires, milliseconds since the Unix epoch; kNever: there
  // is none.
  static constexpr uint64_t kNever = UINT64_MAX;
  uint64_t earliest_ms = kNever;
  // Dead, and up to the query's floor.
  uint64_t count = 0;
  uint64_t bytes = 0;

  void Add(const GarbageTally& other);
  friend bool operator==(const GarbageTally&, const GarbageTally&) = default;
};

// Common to all pages. kOk, kCorrupt, kWrongNode, kStaleEpoch, kClockSkew, kUnavailable, kDiskFull.
struct GarbagePage {
  model::ReplyStatus status = model::ReplyStatus::kOk;
  std::string message;
  // F of the replica.
  model::Ballot floor;
  bool complete = false;
  // Unless complete: GarbageQuery::after of the next page.
  std::string resume_after;
  // Keys and records that were looked at.
  uint64_t walked_bytes = 0;
  // Of this page.
  GarbageTally tally;
};

// Sums over (key, ballot) of the entries; equal sums mean equal entries but for a chance of 2^-128.
// They do not depend on where pages end.
struct EntryDigest {
  uint64_t count = 0;
  uint64_t low = 0;
  uint64_t high = 0;

  void Add(absl::string_view engine_key, const model::Ballot& accepted);
  void Add(const EntryDigest& other);
  friend bool operator==(const EntryDigest&, const EntryDigest&) = default;
};

struct DigestPage : GarbagePage {
  EntryDigest digest;
};

struct EntryRow {
  std::string engine_key;
  model::Ballot accepted;
  friend bool operator==(const EntryRow&, const EntryRow&) = default;
};

struct EntryPage : GarbagePage {
  std::vector<EntryRow> rows;
};

struct DropPage : GarbagePage {
  uint64_t dropped = 0;
};

// When a record turns to garbage: kNever for one that lives until it is deleted.
uint64_t DeadAtMs(model::RecordState state, uint64_t expire_at_ms, const model::Ballot& accepted);

// A stored record that may go: a tombstone or expired record at or below the floor.
struct GarbageRecord {
  std::string engine_key;
  size_t encoded_size = 0;
  model::RecordState state = model::RecordState::kAbsent;
  // Which its row carries; zero: none.
  model::Ballot promised;
};

struct GarbageWalk {
  engine::Engine* engine = nullptr;
  // The partition's keys.
  engine::Range range;
  // F of this replica. Garbage at or below it counts for no one: some replicas have dropped it
  // already.
  model::Ballot floor;
  // A page ends at either.
  size_t steps_max = 0;
  size_t bytes_max = 0;
};

// The last leaves out of the tally what it finds.
void DigestEntries(const GarbageWalk& walk, const GarbageQuery& query, DigestPage* page);
void ListEntries(const GarbageWalk& walk, const GarbageQuery& query, EntryPage* page);
void FindGarbage(const GarbageWalk& walk, const GarbageQuery& query,
                 std::vector<GarbageRecord>* garbage, GarbagePage* page);

}  // namespace quorumcache::replica
