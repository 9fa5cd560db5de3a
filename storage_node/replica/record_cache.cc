// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/record_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "common/base/check.h"

namespace quorumcache::replica {
namespace {

constexpr size_t kSlotsMin = 64;
// The share of the small queue: the authors found 10 % good over 6,594 traces.
constexpr size_t kSmallShare = 10;
// A value of more than this share of the cache would push out too much else.
constexpr size_t kLargestShare = 8;
constexpr uint8_t kFrequencyMax = 3;
// What the allocator adds to a block, about.
constexpr size_t kAllocationBytes = 16;

}  // namespace

RecordCache::RecordCache(size_t bytes_max) : bytes_max_(bytes_max) {
  slots_.resize(kSlotsMin);
  ghosts_.resize(kSlotsMin);
  shift_ = 64 - std::countr_zero(kSlotsMin);
}

std::optional<RecordCache::Hit> RecordCache::Find(hash::Token token, absl::string_view engine_key) {
  const uint32_t index = FindEntry(token, engine_key);
  if (index == kNone) {
    ++misses_;
    return std::nullopt;
  }
  Entry& entry = entries_[index];
  if (entry.frequency < kFrequencyMax) ++entry.frequency;
  ++hits_;
  return Hit{absl::string_view(entry.data.get() + entry.key_size, entry.encoded_size),
             entry.promised};
}

void RecordCache::Put(hash::Token token, absl::string_view engine_key,
                      const model::Ballot& promised, absl::string_view encoded) {
  if (sizeof(Entry) + engine_key.size() + encoded.size() > bytes_max_ / kLargestShare) {
    Erase(token, engine_key);
    return;
  }
  size_t slot = FindSlot(token, engine_key);
  uint32_t index = slots_[slot].entry;
  if (index == kNone) {
    index = NewEntry();
    slots_[slot] = Slot{index, TagOf(token)};
    entries_[index].token = token;
    entries_[index].generation = GenerationOf(token);
    Fill(&entries_[index], engine_key, promised, encoded);
    Link(index, TakeGhost(token) ? Queue::kMain : Queue::kSmall);
    if (2 * entry_count_ > slots_.size()) Grow();
  } else {
    Entry& entry = entries_[index];
    const size_t cost_before = CostOf(entry);
    entry.generation = GenerationOf(token);
    Fill(&entry, engine_key, promised, encoded);
    fifo(entry.queue).bytes += CostOf(entry) - cost_before;
    bytes_ += CostOf(entry) - cost_before;
  }
  EvictToFit();
}

void RecordCache::SetPromised(hash::Token token, absl::string_view engine_key,
                              const model::Ballot& promised) {
  const uint32_t index = FindEntry(token, engine_key);
  if (index != kNone) entries_[index].promised = promised;
}

void RecordCache::Erase(hash::Token token, absl::string_view engine_key) {
  const uint32_t index = slots_[FindSlot(token, engine_key)].entry;
  if (index != kNone) Remove(index);
}

void RecordCache::Clear() {
  entries_.clear();
  free_entries_.clear();
  std::fill(slots_.begin(), slots_.end(), Slot{});
  small_ = Fifo{};
  main_ = Fifo{};
  bytes_ = 0;
  entry_count_ = 0;
}

void RecordCache::ErasePartition(uint32_t partition, uint32_t partition_count) {
  if (generations_.empty()) generations_.resize(partition_count);
  QC_CHECK(generations_.size() == partition_count);
  ++generations_[partition];
}

uint32_t RecordCache::FindEntry(hash::Token token, absl::string_view engine_key) const {
  const uint32_t index = slots_[FindSlot(token, engine_key)].entry;
  return index == kNone || IsErased(entries_[index]) ? kNone : index;
}

size_t RecordCache::FindSlot(hash::Token token, absl::string_view engine_key) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = HomeOf(token);; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.entry == kNone) return i;
    if (slot.tag != TagOf(token)) continue;
    const Entry& entry = entries_[slot.entry];
    if (entry.token == token && absl::string_view(entry.data.get(), entry.key_size) == engine_key) {
      return i;
    }
  }
}

void RecordCache::EmptySlot(size_t hole) {
  const size_t mask = slots_.size() - 1;
  // Knuth, TAOCP 6.4, algorithm R: an entry may move into the hole unless its home lies behind it.
  for (size_t i = (hole + 1) & mask; slots_[i].entry != kNone; i = (i + 1) & mask) {
    const size_t home = HomeOf(entries_[slots_[i].entry].token);
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = Slot{};
}

void RecordCache::Grow() {
  const std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.size() * 2, Slot{});
  ghosts_.assign(slots_.size(), Ghost{});
  --shift_;
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.entry == kNone) continue;
    size_t i = HomeOf(entries_[slot.entry].token);
    while (slots_[i].entry != kNone) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

size_t RecordCache::CostOf(const Entry& entry) {
  // At least two slots and two ghosts of the tables belong to each entry.
  return sizeof(Entry) + 2 * sizeof(Slot) + 2 * sizeof(Ghost) + kAllocationBytes + entry.capacity;
}

void RecordCache::Link(uint32_t index, Queue queue) {
  Entry& entry = entries_[index];
  QC_CHECK(entry.queue == Queue::kFree);
  Fifo& list = fifo(queue);
  entry.queue = queue;
  entry.newer = kNone;
  entry.older = list.newest;
  if (list.newest != kNone) entries_[list.newest].newer = index;
  list.newest = index;
  if (list.oldest == kNone) list.oldest = index;
  list.bytes += CostOf(entry);
  bytes_ += CostOf(entry);
}

void RecordCache::Unlink(uint32_t index) {
  Entry& entry = entries_[index];
  QC_CHECK(entry.queue != Queue::kFree);
  Fifo& list = fifo(entry.queue);
  (entry.newer == kNone ? list.newest : entries_[entry.newer].older) = entry.older;
  (entry.older == kNone ? list.oldest : entries_[entry.older].newer) = entry.newer;
  list.bytes -= CostOf(entry);
  bytes_ -= CostOf(entry);
  entry.queue = Queue::kFree;
}

uint32_t RecordCache::NewEntry() {
  ++entry_count_;
  if (free_entries_.empty()) {
    entries_.emplace_back();
    return static_cast<uint32_t>(entries_.size() - 1);
  }
  const uint32_t index = free_entries_.back();
  free_entries_.pop_back();
  return index;
}

void RecordCache::Fill(Entry* entry, absl::string_view engine_key, const model::Ballot& promised,
                       absl::string_view encoded) {
  const size_t size = engine_key.size() + encoded.size();
  // Half-empty blocks are given back; otherwise a value of about the same size goes into the same
  // place.
  if (size > entry->capacity || size < entry->capacity / 2) {
    entry->data = std::make_unique_for_overwrite<char[]>(size);
    entry->capacity = static_cast<uint32_t>(size);
    entry->key_size = 0;
  }
  if (entry->key_size == 0) {
    std::memcpy(entry->data.get(), engine_key.data(), engine_key.size());
    entry->key_size = static_cast<uint32_t>(engine_key.size());
  }
  if (!encoded.empty()) {
    std::memcpy(entry->data.get() + entry->key_size, encoded.data(), encoded.size());
  }
  entry->encoded_size = static_cast<uint32_t>(encoded.size());
  entry->promised = promised;
}

void RecordCache::Remove(uint32_t index) {
  Entry& entry = entries_[index];
  EmptySlot(FindSlot(entry.token, absl::string_view(entry.data.get(), entry.key_size)));
  Unlink(index);
  entry = Entry{};
  free_entries_.push_back(index);
  --entry_count_;
}

void RecordCache::EvictToFit() {
  while (bytes_ > bytes_max_) {
    if (small_.bytes > bytes_max_ / kSmallShare || main_.oldest == kNone) {
      EvictFromSmall();
    } else {
      EvictFromMain();
    }
  }
}

void RecordCache::EvictFromSmall() {
  const uint32_t index = small_.oldest;
  QC_CHECK(index != kNone);
  if (entries_[index].frequency > 1 && !IsErased(entries_[index])) {
    Unlink(index);
    entries_[index].frequency = 0;
    Link(index, Queue::kMain);
    return;
  }
  if (!IsErased(entries_[index])) RememberGhost(entries_[index].token);
  Remove(index);
  ++evictions_;
}

void RecordCache::EvictFromMain() {
  const uint32_t index = main_.oldest;
  QC_CHECK(index != kNone);
  if (entries_[index].frequency > 0 && !IsErased(entries_[index])) {
    Unlink(index);
    --entries_[index].frequency;
    Link(index, Queue::kMain);
    return;
  }
  Remove(index);
  ++evictions_;
}

void RecordCache::RememberGhost(hash::Token token) {
  ++departures_;
  ghosts_[HomeOf(token)] = Ghost{TagOf(token), departures_};
}

bool RecordCache::TakeGhost(hash::Token token) {
  Ghost& ghost = ghosts_[HomeOf(token)];
  // As many departures are remembered as there are entries, as the paper has it.
  const bool is_remembered = ghost.departed != 0 && ghost.tag == TagOf(token) &&
                             departures_ - ghost.departed < entry_count_;
  if (is_remembered) ghost = Ghost{};
  return is_remembered;
}

}  // namespace quorumcache::replica
