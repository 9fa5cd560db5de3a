// SPDX-License-Identifier: Apache-2.0
#include "client/request_id.h"

#include <sys/random.h>

#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::client {

std::string NewRequestId() {
  std::array<char, 16> bytes;
  ssize_t size = -1;
  // Up to 256 bytes come whole or not at all (getrandom(2)).
  while (size < 0) size = getrandom(bytes.data(), bytes.size(), 0);
  QC_CHECK(size == static_cast<ssize_t>(bytes.size()));
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

}  // namespace quorumcache::client
