// SPDX-License-Identifier: Apache-2.0
// MemoryEngine: an engine in ordered maps, with a disk that can be made to fail.
//
// For tests, the simulator, and storage nodes that need not outlive their process. Deterministic.
// It models the page cache: what was written is there at once and outlives a "process" (an engine
// outlives the Replica that is restarted over it), but only an fsync protects it from PowerFail().
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage_node/engine/engine.h"

namespace quorumcache::engine {

// Thread-compatible.
class MemoryEngine : public Engine {
 public:
  MemoryEngine() = default;

  void MultiGet(Family family, std::span<const absl::string_view> keys,
                std::span<Lookup> lookups) override;
  absl::Status Write(const WriteBatch& batch, bool fsync) override;
  // Copies the range: O(entries in it).
  std::unique_ptr<Iterator> NewIterator(Family family, const Range& range) override;
  uint64_t ApproximateBytes(Family family, const Range& range) override;
  uint64_t ApproximateEntries(Family family) override;
  absl::Status Health() const override;

  // Faults.

  // The machine loses power: of the batches since the last fsync only the first `kept_count` have
  // reached the disk. A torn batch is one that is not kept: its checksum fails at recovery.
  void PowerFail(size_t kept_count);
  // Batches since the last fsync: what PowerFail can take away.
  size_t unsynced_count() const { return undo_.size(); }
  // Until changed back, every Write fails with kDiskFull.
  void SetDiskFull(bool is_full) { disk_is_full_ = is_full; }
  // The next fsync fails with kIo, and every Write after it, until Restart().
  void FailNextFsync() { fsync_fails_ = true; }
  // Ends what a new process ends: the refusal after a failed fsync.
  void Restart();
  // Flips a bit of a stored value. False: no such key.
  bool CorruptValue(Family family, absl::string_view key, size_t byte_index = 0);
  // Everything is gone: a new disk.
  void Wipe();

 private:
  using Map = std::map<std::string, std::string, std::less<>>;
  // A value as it was before a batch; nullopt: the key was not there.
  struct Before {
    Family family;
    std::string key;
    std::optional<std::string> value;
  };

  Map& map(Family family) { return maps_[static_cast<size_t>(family)]; }
  void ApplyPut(const WriteBatch::Change& change, std::vector<Before>* before);
  void ApplyDelete(const WriteBatch::Change& change, std::vector<Before>* before);
  void ApplyDeleteRange(const WriteBatch::Change& change, std::vector<Before>* before);

  std::array<Map, kFamilyCount> maps_;
  // One per batch since the last fsync.
  std::vector<std::vector<Before>> undo_;
  bool disk_is_full_ = false;
  bool fsync_fails_ = false;
  bool is_fenced_ = false;
};

}  // namespace quorumcache::engine
