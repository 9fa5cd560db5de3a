// SPDX-License-Identifier: Apache-2.0
// A request id on the wire: 16 bytes, big-endian, as UUIDs are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/base/check.h"
#include "common/model/lineage.h"

namespace quorumcache::wire {

inline constexpr size_t kRequestIdSizeBytes = 16;

inline std::string FormatRequestId(const model::RequestId& id) {
  std::string bytes(kRequestIdSizeBytes, '\0');
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(id.high >> (56 - 8 * i));
    bytes[i + 8] = static_cast<char>(id.low >> (56 - 8 * i));
  }
  return bytes;
}

// Requires: 16 bytes.
inline model::RequestId ParseRequestId(absl::string_view bytes) {
  QC_CHECK(bytes.size() == kRequestIdSizeBytes);
  model::RequestId id;
  for (int i = 0; i < 8; ++i) {
    id.high = id.high << 8 | static_cast<uint8_t>(bytes[i]);
    id.low = id.low << 8 | static_cast<uint8_t>(bytes[i + 8]);
  }
  return id;
}

}  // namespace quorumcache::wire
