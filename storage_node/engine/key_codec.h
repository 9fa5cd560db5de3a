// SPDX-License-Identifier: Apache-2.0
// Engine keys: the order in which a storage node keeps what it holds.
//
//   0         8                8+n      9+n
//   +---------+----------------+--------+-------------+
//   | token   | namespace (n)  | 0x00   | key (1..4096)|
//   +---------+----------------+--------+-------------+
//
// The token (common/hash/token.h) is big-endian, so byte order is token order and a partition is
// one range: it is streamed, compared, counted and dropped as such. A namespace has no 0x00, so the
// form is unique and can be taken apart again.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/hash/token.h"
#include "common/model/key.h"

namespace quorumcache::engine {

inline constexpr size_t kTokenSizeBytes = 8;

// Writes the engine key of `key` over `out`.
void EncodeKey(hash::Token token, const model::Key& key, std::string* out);

// The parts of an engine key, borrowed from it.
struct KeyParts {
  hash::Token token = 0;
  absl::string_view namespace_name;
  absl::string_view bytes;
};
// nullopt when it is not an engine key.
std::optional<KeyParts> DecodeKey(absl::string_view engine_key);

// The first key of a partition, and the first behind it (empty behind the last partition).
struct PartitionBounds {
  std::string begin;
  std::string end;
};
// Requires: those of hash::RangeOf.
PartitionBounds BoundsOf(uint32_t partition, uint64_t partition_count);

}  // namespace quorumcache::engine
