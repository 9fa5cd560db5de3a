// SPDX-License-Identifier: Apache-2.0
// Boost.JSON, compiled once (json.cc): include this instead of <boost/json/src.hpp>.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::json {

// JSON text must be UTF-8 (RFC 8259, section 8.1), and Boost.JSON writes whatever bytes it is
// given: ask first. Strict: no surrogates, no overlong forms, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text);

// `bytes` as text for people, with each byte that is not printable ASCII written "\xNN"; cut at 64
// bytes. For quoting what a client sent in an error message.
std::string Printable(absl::string_view bytes);

}  // namespace quorumcache::json
