// SPDX-License-Identifier: Apache-2.0
#include "common/http/base64.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

namespace quorumcache::http {

std::string Base64Encode(absl::string_view bytes) {
  return absl::Base64Escape(bytes);
}

std::optional<std::string> Base64Decode(absl::string_view text) {
  std::string bytes;
  // The comparison is what makes it strict.
  if (!absl::Base64Unescape(text, &bytes) || Base64Encode(bytes) != text) return std::nullopt;
  return bytes;
}

std::string Base64UrlEncode(absl::string_view bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

std::optional<std::string> Base64UrlDecode(absl::string_view text) {
  absl::string_view bare = text;
  while (absl::EndsWith(bare, "=")) bare.remove_suffix(1);
  if (bare.size() != text.size() && (text.size() % 4 != 0 || text.size() - bare.size() > 2)) {
    return std::nullopt;
  }
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(bare, &bytes) || Base64UrlEncode(bytes) != bare) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace quorumcache::http
