// SPDX-License-Identifier: Apache-2.0
// Xxh64: the 64-bit hash that places keys on the ring, seed 0, written from its public
// specification.
//
// Source: Yann Collet, "xxHash fast digest algorithm", doc/xxhash_spec.md of
// github.com/Cyan4973/xxHash. A published hash, because every process and every client in any
// language must agree on it for ever: a change of one bit would send keys to nodes that do not hold
// them. Not for secrets: an attacker can make keys that collide.
//
//   Xxh64 hash;
//   hash.Update("default");
//   hash.Update(key);
//   uint64_t digest = hash.Digest();
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace quorumcache::hash {

// Incremental, because a token covers a namespace, a separator and a key that lie apart: no copy,
// no allocation. How the input is cut into updates does not change the digest. Value;
// thread-compatible.
class Xxh64 {
 public:
  // Appends `bytes`, which may be empty. O(size).
  void Update(absl::string_view bytes);
  // The digest of all bytes so far; may be followed by more updates.
  uint64_t Digest() const;

 private:
  // The specification's block: four lanes of eight bytes.
  static constexpr size_t kStripeSizeBytes = 32;

  // Mixes one full stripe into the lanes. Requires: kStripeSizeBytes readable at `stripe`.
  void MixStripe(const char* stripe);
  // Moves bytes from the front of `bytes` into pending_; mixes pending_ when it is full.
  void FillPending(absl::string_view& bytes);
  // The four lanes as one number, before the total size and the tail are mixed in.
  uint64_t JoinLanes() const;
  size_t pending_size_bytes() const { return size_bytes_ % kStripeSizeBytes; }

  std::array<uint64_t, 4> lanes_ = InitialLanes();
  // Input that does not fill a stripe yet: the first pending_size_bytes() are valid.
  std::array<char, kStripeSizeBytes> pending_{};
  uint64_t size_bytes_ = 0;

  static std::array<uint64_t, 4> InitialLanes();
};

// The digest of `bytes` in one call.
inline uint64_t Xxh64Of(absl::string_view bytes) {
  Xxh64 hash;
  hash.Update(bytes);
  return hash.Digest();
}

}  // namespace quorumcache::hash
