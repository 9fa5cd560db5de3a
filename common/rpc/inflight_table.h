// SPDX-License-Identifier: Apache-2.0
// InflightTable: from the id of a request under way to who wants its reply.
//
// A slot map: the id is a slot's index and the slot's generation, so that finding is one load and
// one compare, and the id of a request that is over (or that a broken peer makes up) finds nothing.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/check.h"

namespace quorumcache::rpc {

// Thread-compatible. T: default-constructible, movable.
template <typename T>
class InflightTable {
 public:
  // Returns the id, never 0 and not used again before 2^32 reuses of its slot. O(1) amortised.
  uint64_t Add(T value) {
    if (free_.empty()) {
      QC_CHECK(slots_.size() < UINT32_MAX);
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.used = true;
    slot.value = std::move(value);
    return (uint64_t{slot.generation} << 32) | index;
  }

  // The value under `id`, or nullptr. Valid until the next Add.
  T* Find(uint64_t id) {
    const uint32_t index = static_cast<uint32_t>(id);
    if (index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    return slot.used && slot.generation == id >> 32 ? &slot.value : nullptr;
  }

  // Moves the value under `id` to `*value` and forgets it; false when there is none.
  bool Take(uint64_t id, T* value) {
    T* found = Find(id);
    if (found == nullptr) return false;
    *value = std::move(*found);
    Release(static_cast<uint32_t>(id));
    return true;
  }

  // Empties the table; returns what was in it, in no particular order. Ids given out before find
  // nothing.
  std::vector<T> TakeAll() {
    std::vector<T> values;
    values.reserve(size());
    for (uint32_t index = 0; index < slots_.size(); ++index) {
      if (!slots_[index].used) continue;
      values.push_back(std::move(slots_[index].value));
      Release(index);
    }
    return values;
  }

  // `visit` must not change the table.
  template <typename Visitor>
  void ForEach(Visitor visit) {
    for (Slot& slot : slots_) {
      if (slot.used) visit(slot.value);
    }
  }

  size_t size() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    uint32_t generation = 1;
    bool used = false;
    T value{};
  };

  void Release(uint32_t index) {
    Slot& slot = slots_[index];
    slot.used = false;
    if (++slot.generation == 0) slot.generation = 1;  // so that no id is 0
    free_.push_back(index);
  }

  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;  // last in, first out: the warmest slot first
};

}  // namespace quorumcache::rpc
