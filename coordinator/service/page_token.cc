// SPDX-License-Identifier: Apache-2.0
//   byte 0     version, 1
//   bytes 1-4  partition, big-endian
//   the rest   engine key: token (8) | namespace | 0x00 | key
// and all of it in URL-safe base64.
#include "coordinator/service/page_token.h"

#include "absl/strings/escaping.h"
#include "common/base/limits.h"

namespace quorumcache::service {
namespace {

constexpr char kVersion = 1;
constexpr size_t kHeaderSizeBytes = 5;
constexpr size_t kSizeBytesMax =
    kHeaderSizeBytes + 8 + limits::kNamespaceSizeBytesMax + 1 + limits::kKeySizeBytesMax;

}  // namespace

std::string FormatPageToken(const ScanPosition& position) {
  std::string bytes(1, kVersion);
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(position.partition >> shift));
  }
  bytes += position.after;
  return absl::WebSafeBase64Escape(bytes);
}

std::optional<ScanPosition> ParsePageToken(absl::string_view token) {
  if (token.empty()) return ScanPosition();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes)) return std::nullopt;
  if (bytes.size() < kHeaderSizeBytes || bytes.size() > kSizeBytesMax || bytes[0] != kVersion) {
    return std::nullopt;
  }
  ScanPosition position;
  for (size_t i = 1; i < kHeaderSizeBytes; ++i) {
    position.partition = (position.partition << 8) | static_cast<uint8_t>(bytes[i]);
  }
  position.after = bytes.substr(kHeaderSizeBytes);
  return position;
}

}  // namespace quorumcache::service
