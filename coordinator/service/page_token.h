// SPDX-License-Identifier: Apache-2.0
// PageToken: where a scan goes on. Opaque to clients, and nothing rests on its honesty: a forged
// token shows other pages of what the caller may read anyway.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::service {

// A place in a namespace, in token order. Value.
struct ScanPosition {
  uint32_t partition = 0;
  // Engine key of the last row that was looked at; "": none yet in this partition.
  std::string after;
};

// Text that may stand in a URL.
std::string FormatPageToken(const ScanPosition& position);
// "" is the beginning. nullopt: not a token of FormatPageToken.
std::optional<ScanPosition> ParsePageToken(absl::string_view token);

}  // namespace quorumcache::service
