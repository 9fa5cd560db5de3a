// SPDX-License-Identifier: Apache-2.0
// BallotCache: for keys that see conditional operations again and again, the ballot promised in
// advance for the next one (docs/PROTOCOL.md#cached-next), which saves its first round trip.
//
// A ballot is asked for from the second operation on: the first leaves only a mark. Most keys see
// one (a cache filled with if_absent, a lock taken once), and a promise that nobody uses costs
// every replica a row on disk.
//
// Nothing's correctness rests on what is in here: a ballot that is out of date is refused. What
// matters is that each is used once, so Take forgets it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "common/base/limits.h"
#include "common/model/key.h"
#include "coordinator/quorum/cached_ballot.h"

namespace quorumcache::service {

// Thread-compatible. Bounded in bytes; the key that was used longest ago goes first.
class BallotCache {
 public:
  explicit BallotCache(size_t size_bytes_max = limits::kBallotCacheBytesMax)
      : size_bytes_max_(size_bytes_max) {}

  struct Taken {
    // Promised in advance for this key, in this epoch.
    std::optional<quorum::CachedBallot> ballot;
    // The key was here before: ask for the next ballot.
    bool seen = false;
  };
  // What there is for an operation on `key`, whose partition's entry has `epoch`. The key is known
  // from now on, without a ballot until Put. `token`: hash::TokenOf(key). O(1).
  Taken Take(uint64_t token, const model::Key& key, uint32_t epoch);
  // The operation that took has succeeded and has been promised `ballot`. Ignored where the key has
  // been forgotten meanwhile, or the record is large.
  void Put(uint64_t token, const model::Key& key, quorum::CachedBallot ballot);
  // A write that does not use the ballot puts it out of date. O(1); nothing where the cache is
  // empty.
  void Invalidate(uint64_t token);

  size_t size() const { return entries_.size(); }
  size_t size_bytes() const { return size_bytes_; }

 private:
  struct Entry {
    uint64_t token = 0;
    model::Key key;  // two keys may share a token: the later one wins
    std::optional<quorum::CachedBallot> ballot;
    size_t size_bytes = 0;
  };
  using Entries = std::list<Entry>;

  void Resize(Entry& entry);
  void Erase(Entries::iterator entry);

  const size_t size_bytes_max_;
  size_t size_bytes_ = 0;
  Entries entries_;  // front: used last
  absl::flat_hash_map<uint64_t, Entries::iterator> by_token_;
};

}  // namespace quorumcache::service
