// SPDX-License-Identifier: Apache-2.0
// WriteBatch: changes that an engine applies together or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::engine {

// Ordered key-value maps of one engine; a batch and its fsync cover all of them. Numbers index
// arrays.
enum class Family : uint8_t {
  kRecords = 0,   // engine key -> encoded KeyState (record_codec.h)
  kPromises = 1,  // engine key -> encoded promise, where no record was written with it
  kMeta = 2,      // partition epochs and floors, counters
};
inline constexpr size_t kFamilyCount = 3;

// Keys in [begin, end), in byte order; an empty `end` means to the last key. Borrows its bounds.
struct Range {
  absl::string_view begin;
  absl::string_view end;

  bool Contains(absl::string_view key) const { return key >= begin && (end.empty() || key < end); }
};

// Reusable: Clear() keeps the memory, so a warm batch allocates nothing. Thread-compatible.
class WriteBatch {
 public:
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };

  // A change, with its strings borrowed from the batch. `value` is the end of the range of a
  // kDeleteRange.
  struct Change {
    Kind kind;
    Family family;
    absl::string_view key;
    absl::string_view value;
  };

  void Put(Family family, absl::string_view key, absl::string_view value) {
    Append(Kind::kPut, family, key, value);
  }
  void Delete(Family family, absl::string_view key) { Append(Kind::kDelete, family, key, {}); }
  void DeleteRange(Family family, const Range& range) {
    Append(Kind::kDeleteRange, family, range.begin, range.end);
  }
  void Clear();

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  // Keys and values together.
  size_t bytes() const { return bytes_.size(); }
  // In the order they were added; later ones win. Requires: i < size(). Valid until the next
  // change.
  Change at(size_t i) const;

 private:
  struct Entry {
    Kind kind;
    Family family;
    uint32_t key_size;
    size_t offset;
    size_t value_size;
  };

  void Append(Kind kind, Family family, absl::string_view key, absl::string_view value);

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace quorumcache::engine
