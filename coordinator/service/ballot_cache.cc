// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/ballot_cache.h"

#include <utility>

#include "common/base/check.h"

namespace quorumcache::service {
namespace {

// Of an entry, a list node, a hash slot and a lineage with its eight changes, roughly.
constexpr size_t kEntryOverheadBytes = 256;
constexpr size_t kBallotOverheadBytes = 512;

size_t SizeOf(const model::Record& record) {
  return record.value.size() + record.content_type.size();
}

}  // namespace

BallotCache::Taken BallotCache::Take(uint64_t token, const model::Key& key, uint32_t epoch) {
  Taken taken;
  const auto found = by_token_.find(token);
  if (found != by_token_.end() && found->second->key == key) {
    Entry& entry = *found->second;
    entries_.splice(entries_.begin(), entries_, found->second);
    taken.seen = true;
    taken.ballot = std::exchange(entry.ballot, std::nullopt);
    if (taken.ballot && taken.ballot->ballot.epoch != epoch) taken.ballot.reset();
    Resize(entry);
    return taken;
  }
  if (found != by_token_.end()) Erase(found->second);
  entries_.push_front(Entry{token, key, std::nullopt, 0});
  by_token_.emplace(token, entries_.begin());
  Resize(entries_.front());
  return taken;
}

void BallotCache::Put(uint64_t token, const model::Key& key, quorum::CachedBallot ballot) {
  const auto found = by_token_.find(token);
  if (found == by_token_.end() || found->second->key != key) return;
  if (SizeOf(ballot.base) > limits::kBallotCacheEntryBytesMax) return;
  found->second->ballot = std::move(ballot);
  Resize(*found->second);
}

void BallotCache::Invalidate(uint64_t token) {
  if (entries_.empty()) return;
  const auto found = by_token_.find(token);
  if (found == by_token_.end() || !found->second->ballot) return;
  found->second->ballot.reset();
  Resize(*found->second);
}

// Counts `entry` anew and makes room; the entry itself may go, where it is the last one left.
void BallotCache::Resize(Entry& entry) {
  size_bytes_ -= entry.size_bytes;
  entry.size_bytes = kEntryOverheadBytes + entry.key.bytes.size() + entry.key.namespace_name.size();
  if (entry.ballot) entry.size_bytes += kBallotOverheadBytes + SizeOf(entry.ballot->base);
  size_bytes_ += entry.size_bytes;
  while (size_bytes_ > size_bytes_max_) {
    QC_CHECK(!entries_.empty());
    Erase(std::prev(entries_.end()));
  }
}

void BallotCache::Erase(Entries::iterator entry) {
  size_bytes_ -= entry->size_bytes;
  by_token_.erase(entry->token);
  entries_.erase(entry);
}

}  // namespace quorumcache::service
