// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/key_codec.h"

#include <limits>

#include "storage_node/engine/bytes.h"

namespace quorumcache::engine {

void EncodeKey(hash::Token token, const model::Key& key, std::string* out) {
  out->clear();
  out->reserve(kTokenSizeBytes + key.namespace_name.size() + 1 + key.bytes.size());
  AppendBigEndian64(token, out);
  out->append(key.namespace_name);
  out->push_back('\0');
  out->append(key.bytes);
}

std::optional<KeyParts> DecodeKey(absl::string_view engine_key) {
  if (engine_key.size() <= kTokenSizeBytes) return std::nullopt;
  const size_t separator = engine_key.find('\0', kTokenSizeBytes);
  if (separator == absl::string_view::npos || separator + 1 == engine_key.size()) {
    return std::nullopt;
  }
  return KeyParts{LoadBigEndian64(engine_key.data()),
                  engine_key.substr(kTokenSizeBytes, separator - kTokenSizeBytes),
                  engine_key.substr(separator + 1)};
}

PartitionBounds BoundsOf(uint32_t partition, uint64_t partition_count) {
  const hash::TokenRange range = hash::RangeOf(partition, partition_count);
  PartitionBounds bounds;
  AppendBigEndian64(range.first, &bounds.begin);
  if (range.last != std::numeric_limits<hash::Token>::max()) {
    AppendBigEndian64(range.last + 1, &bounds.end);
  }
  return bounds;
}

}  // namespace quorumcache::engine
