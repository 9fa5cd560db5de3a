// SPDX-License-Identifier: Apache-2.0
// Writing JSON: enough for what qcctl prints. Names come out in the order of adding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::cli {

// Whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool IsUtf8(absl::string_view text);

// In quotes. Requires: IsUtf8(text).
std::string JsonString(absl::string_view text);

// [a,b,c] of texts that are JSON already.
std::string JsonArray(const std::vector<std::string>& elements);

// {"name":value,...}. Thread-compatible.
class JsonObject {
 public:
  // `value` that is not UTF-8 is a broken invariant: see AddBytes.
  JsonObject& AddText(absl::string_view name, absl::string_view value);
  // A string, and beside it "encoding": "utf8", or "base64" where it is not UTF-8; as the HTTP
  // gateway does.
  JsonObject& AddBytes(absl::string_view name, absl::string_view value);
  JsonObject& AddInteger(absl::string_view name, int64_t value);
  JsonObject& AddUnsigned(absl::string_view name, uint64_t value);
  // With so many digits after the point.
  JsonObject& AddNumber(absl::string_view name, double value, int digits);
  JsonObject& AddBool(absl::string_view name, bool value);
  // `value` is JSON already.
  JsonObject& AddJson(absl::string_view name, absl::string_view value);

  std::string Text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace quorumcache::cli
