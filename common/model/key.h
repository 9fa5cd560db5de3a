// SPDX-License-Identifier: Apache-2.0
// A key, and the rules for what may be one.
#pragma once

#include <compare>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quorumcache::model {

inline constexpr char kDefaultNamespace[] = "default";

// A namespace and any 1 to 4,096 bytes. Value.
struct Key {
  std::string namespace_name;
  std::string bytes;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// INVALID_ARGUMENT, saying what is wrong and what is allowed, or OK.
absl::Status ValidateKeyBytes(absl::string_view bytes);
// What a log may show of a key: at most 8 of its bytes and at most half of them, escaped as in C,
// then its length, "user:123...(34 bytes)". Keys are often secrets: sessions, mail addresses.
std::string AbbreviatedKey(absl::string_view bytes);
// 1 to 64 of [a-z0-9_-].
absl::Status ValidateNamespaceName(absl::string_view name);

}  // namespace quorumcache::model
