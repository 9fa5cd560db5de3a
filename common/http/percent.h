// SPDX-License-Identifier: Apache-2.0
// Percent encoding of URL parts (RFC 3986, section 2.1), byte-exact in both directions.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::http {

// The bytes that `encoded` stands for; nullopt when a '%' is not followed by two hex digits. Every
// byte value can come out, 0 and '/' included; '+' stays '+'.
std::optional<std::string> PercentDecode(absl::string_view encoded);

// Keeps the unreserved characters (letters, digits, "-._~") and encodes every other byte, so that
// the result is one path segment or one query value.
std::string PercentEncode(absl::string_view bytes);

}  // namespace quorumcache::http
