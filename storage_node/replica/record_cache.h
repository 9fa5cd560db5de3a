// SPDX-License-Identifier: Apache-2.0
// RecordCache: what a replica knows of its hottest keys without asking the engine.
//
// Accept needs the ballots of the record that is there, so without this cache every SET costs reads
// of RocksDB as well (docs/adr/0003). It holds the stored form of a record (engine/record_codec.h)
// and the promise, also for keys that are known to be absent.
//
// Eviction is S3-FIFO: Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all you need for cache
// eviction", SOSP 2023. New keys enter a small queue (10 % of the bytes); those asked for again
// before they leave it move to the main queue; the others are remembered by a fingerprint only (the
// ghost), and enter the main queue directly if they come back soon. A scan or a stream of one-time
// keys so passes without washing the hot keys out, and a hit moves nothing: it only counts.
//
// Deterministic: the same calls give the same contents on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/hash/token.h"
#include "common/model/ballot.h"

namespace quorumcache::replica {

// Thread-compatible. Nothing is allocated by a hit, nor by a Put that fits where the old value was.
class RecordCache {
 public:
  // What is known about a key. `encoded` is empty where there is no record; borrowed until the next
  // Put, Erase or Clear.
  struct Hit {
    absl::string_view encoded;
    // Zero: none above the record's own ballot.
    model::Ballot promised;
  };

  // At most `bytes_max` bytes, book-keeping included; 0: holds nothing.
  explicit RecordCache(size_t bytes_max);

  std::optional<Hit> Find(hash::Token token, absl::string_view engine_key);
  // Inserts or replaces; evicts others, or leaves the key out where it is too large to be worth it.
  // `encoded` must not be borrowed from this cache.
  void Put(hash::Token token, absl::string_view engine_key, const model::Ballot& promised,
           absl::string_view encoded);
  // Replaces the promise of a key, if it is here.
  void SetPromised(hash::Token token, absl::string_view engine_key, const model::Ballot& promised);
  void Erase(hash::Token token, absl::string_view engine_key);
  void Clear();
  // Forgets the keys of `partition`, one of `partition_count` (the same in every call). Costs the
  // same however many there are: a cluster map may end dozens of partitions at once, and clients
  // wait meanwhile. Their bytes are given back when their turn to be evicted comes.
  void ErasePartition(uint32_t partition, uint32_t partition_count);

  // Entries and their bytes, those of erased partitions included.
  size_t bytes() const { return bytes_; }
  size_t bytes_max() const { return bytes_max_; }
  size_t entries() const { return entry_count_; }
  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }
  uint64_t evictions() const { return evictions_; }

 private:
  enum class Queue : uint8_t { kFree, kSmall, kMain };
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Entry {
    hash::Token token = 0;
    // Engine key, then encoded record.
    std::unique_ptr<char[]> data;
    uint32_t key_size = 0;
    uint32_t encoded_size = 0;
    uint32_t capacity = 0;
    // Towards the newer and the older end of its queue.
    uint32_t newer = kNone;
    uint32_t older = kNone;
    Queue queue = Queue::kFree;
    // Times asked for since it entered its queue, at most 3.
    uint8_t frequency = 0;
    // Of its partition when it was put here; another one now: the partition was erased since.
    uint32_t generation = 0;
    model::Ballot promised;
  };
  // A doubly linked list through the entries.
  struct Fifo {
    uint32_t newest = kNone;
    uint32_t oldest = kNone;
    size_t bytes = 0;
  };
  // One place of the open-addressing table; `entry` is kNone where it is empty.
  struct Slot {
    uint32_t entry = kNone;
    uint32_t tag = 0;
  };
  // A key that left the small queue unread, and when (counted in such departures).
  struct Ghost {
    uint32_t tag = 0;
    uint32_t departed = 0;
  };

  // The key's entry, unless its partition was erased; kNone: it is not here.
  uint32_t FindEntry(hash::Token token, absl::string_view engine_key) const;
  bool IsErased(const Entry& entry) const { return entry.generation != GenerationOf(entry.token); }
  uint32_t GenerationOf(hash::Token token) const {
    return generations_.empty() ? 0 : generations_[hash::PartitionOf(token, generations_.size())];
  }
  // Where the key is, or the empty slot where it would be.
  size_t FindSlot(hash::Token token, absl::string_view engine_key) const;
  size_t HomeOf(hash::Token token) const { return (token * kMixer) >> shift_; }
  static uint32_t TagOf(hash::Token token) { return static_cast<uint32_t>(token); }
  // Closes the gap that an emptied slot leaves in its probe sequence.
  void EmptySlot(size_t slot);
  void Grow();

  static size_t CostOf(const Entry& entry);
  Fifo& fifo(Queue queue) { return queue == Queue::kSmall ? small_ : main_; }
  void Link(uint32_t index, Queue queue);
  void Unlink(uint32_t index);
  uint32_t NewEntry();
  void Fill(Entry* entry, absl::string_view engine_key, const model::Ballot& promised,
            absl::string_view encoded);
  void Remove(uint32_t index);

  void EvictToFit();
  void EvictFromSmall();
  void EvictFromMain();
  void RememberGhost(hash::Token token);
  bool TakeGhost(hash::Token token);

  // 2^64 / golden ratio (Knuth): partitions share their high token bits, so the table looks at all
  // of them.
  static constexpr uint64_t kMixer = 0x9E3779B97F4A7C15ull;

  const size_t bytes_max_;
  // By partition: how often it was erased. Empty: none was.
  std::vector<uint32_t> generations_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_entries_;
  // Sizes are powers of two; at most half of the slots are used.
  std::vector<Slot> slots_;
  std::vector<Ghost> ghosts_;
  int shift_ = 0;
  Fifo small_;
  Fifo main_;
  size_t bytes_ = 0;
  size_t entry_count_ = 0;
  uint32_t departures_ = 0;
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
  uint64_t evictions_ = 0;
};

}  // namespace quorumcache::replica
