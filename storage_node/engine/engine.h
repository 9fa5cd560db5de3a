// SPDX-License-Identifier: Apache-2.0
// Engine: the ordered key-value store under a replica, as little of it as a replica needs.
//
// MemoryEngine (memory_engine.h) serves tests and the simulator, RocksEngine
// (storage_node/engine_rocksdb) the storage node. What both promise:
//   - a Write that has returned OK survives the death of the process; with fsync, that of the
//   machine;
//   - a Write is applied wholly or not at all, over all families, also across a crash;
//   - what fails its checksum is an error, never a miss;
//   - after a failed fsync every later Write fails: what the disk has dropped cannot be known
//   again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage_node/engine/error.h"
#include "storage_node/engine/write_batch.h"

namespace quorumcache::engine {

// The answer for one key of a MultiGet. Reused from call to call, so that `value` keeps its memory.
struct Lookup {
  // Not OK: the key could be neither found nor missed (kCorrupt, kIo).
  absl::Status status;
  bool found = false;
  std::string value;
};

// A walk over a range in key order, over the state as it was when the iterator was made. Keys and
// values are valid until the next call. Thread-compatible; must not outlive its engine.
class Iterator {
 public:
  virtual ~Iterator() = default;
  Iterator() = default;
  Iterator(const Iterator&) = delete;
  Iterator& operator=(const Iterator&) = delete;

  // False at the end, and after an error: look at status() then.
  virtual bool Valid() const = 0;
  // Requires: Valid().
  virtual void Next() = 0;
  virtual absl::string_view key() const = 0;
  virtual absl::string_view value() const = 0;
  virtual absl::Status status() const = 0;
};

// Writes come from one thread at a time; everything else is thread-safe against writes in
// RocksEngine and thread-compatible in MemoryEngine.
class Engine {
 public:
  virtual ~Engine() = default;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Looks up keys[i] into lookups[i]; errors are per key. Requires: equal sizes, non-empty keys.
  virtual void MultiGet(Family family, std::span<const absl::string_view> keys,
                        std::span<Lookup> lookups) = 0;

  // Applies `batch`; with `fsync`, it and all before it are on the disk when this returns (an empty
  // batch with `fsync` syncs what was written before). Errors: kDiskFull and kReadOnly say that
  // nothing was written and nothing will be; any other error that it may be there or not.
  virtual absl::Status Write(const WriteBatch& batch, bool fsync) = 0;

  // `range` is copied.
  virtual std::unique_ptr<Iterator> NewIterator(Family family, const Range& range) = 0;

  // Estimates, cheap enough for a metrics scrape.
  virtual uint64_t ApproximateBytes(Family family, const Range& range) = 0;
  virtual uint64_t ApproximateEntries(Family family) = 0;

  // OK, or why writes fail at present; thread-safe.
  virtual absl::Status Health() const = 0;

  // Whether a Write may wait for earlier ones to get to the disk; a hint, thread-safe.
  virtual bool WritesAreStalled() const { return false; }
};

}  // namespace quorumcache::engine
