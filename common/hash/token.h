// SPDX-License-Identifier: Apache-2.0
// Tokens: where a key lies on the ring, and which partition that is.
//
// token = XXH64(namespace, 0x00, key). The ring of 2^64 tokens is cut into P equal arcs, the
// partitions; P is a power of two, so the partition is the token's highest bits, and a storage node
// that orders its keys by token holds each partition as one range. A namespace cannot contain 0x00,
// so no two (namespace, key) pairs share an input.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace quorumcache::hash {

using Token = uint64_t;

// Allocates nothing. The same on every machine, for ever.
Token TokenOf(absl::string_view namespace_name, absl::string_view key);

// An inclusive range of tokens; inclusive because the last one ends at 2^64 - 1.
struct TokenRange {
  Token first = 0;
  Token last = 0;
  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

// In [0, partition_count). Requires: `partition_count` is a power of two, at most 2^32.
uint32_t PartitionOf(Token token, uint64_t partition_count);

// The tokens of a partition: PartitionOf(t) == partition exactly for the tokens in it.
// Requires: as above, and partition < partition_count.
TokenRange RangeOf(uint32_t partition, uint64_t partition_count);

}  // namespace quorumcache::hash
