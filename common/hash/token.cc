// SPDX-License-Identifier: Apache-2.0
#include "common/hash/token.h"

#include <bit>

#include "common/base/check.h"
#include "common/hash/xxh64.h"

namespace quorumcache::hash {
namespace {

// How far a token is shifted to leave its partition; 64 for a single partition.
int PartitionShift(uint64_t partition_count) {
  QC_CHECK(std::has_single_bit(partition_count));
  QC_CHECK(partition_count <= uint64_t{1} << 32);
  return 64 - std::countr_zero(partition_count);
}

}  // namespace

Token TokenOf(absl::string_view namespace_name, absl::string_view key) {
  Xxh64 hash;
  hash.Update(namespace_name);
  hash.Update(absl::string_view("\0", 1));
  hash.Update(key);
  return hash.Digest();
}

uint32_t PartitionOf(Token token, uint64_t partition_count) {
  const int shift = PartitionShift(partition_count);
  // A shift by the whole width is undefined.
  return shift == 64 ? 0 : static_cast<uint32_t>(token >> shift);
}

TokenRange RangeOf(uint32_t partition, uint64_t partition_count) {
  QC_CHECK(partition < partition_count);
  const int shift = PartitionShift(partition_count);
  if (shift == 64) return {0, ~Token{0}};
  const Token first = Token{partition} << shift;
  return {first, first + ((Token{1} << shift) - 1)};
}

}  // namespace quorumcache::hash
