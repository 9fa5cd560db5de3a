// SPDX-License-Identifier: Apache-2.0
// Base64 and base64url (RFC 4648), strict: one text for one sequence of bytes.
//
// Abseil's decoder skips white space and accepts stray low bits, so that many texts name one key.
// Ours does not: what decodes also encodes back to the same text.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::http {

// With padding.
std::string Base64Encode(absl::string_view bytes);
// Requires the padding; nullopt when `text` is not the encoding of any bytes.
std::optional<std::string> Base64Decode(absl::string_view text);

// "-" and "_" for "+" and "/"; without padding, since '=' would need percent-encoding in a URL.
std::string Base64UrlEncode(absl::string_view bytes);
// With the right padding or with none at all.
std::optional<std::string> Base64UrlDecode(absl::string_view text);

}  // namespace quorumcache::http
