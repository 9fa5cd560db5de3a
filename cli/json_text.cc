// SPDX-License-Identifier: Apache-2.0
#include "cli/json_text.h"

#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/check.h"

namespace quorumcache::cli {
namespace {

// Bytes of the sequence that begins with `lead`, 0: none does.
size_t SequenceSize(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// The second byte of some sequences has a narrower range: overlong forms, surrogates, above
// U+10FFFF.
bool SecondByteFits(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second < 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = SequenceSize(lead);
    if (size == 0 || i + size > text.size()) return false;
    for (size_t j = 1; j < size; ++j) {
      const auto byte = static_cast<unsigned char>(text[i + j]);
      if ((byte & 0xC0) != 0x80 || (j == 1 && !SecondByteFits(lead, byte))) return false;
    }
    i += size;
  }
  return true;
}

std::string JsonString(absl::string_view text) {
  QC_CHECK(IsUtf8(text));
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

std::string JsonArray(const std::vector<std::string>& elements) {
  return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
}

JsonObject& JsonObject::AddJson(absl::string_view name, absl::string_view value) {
  absl::StrAppend(&members_, members_.empty() ? "" : ",", JsonString(name), ":", value);
  return *this;
}

JsonObject& JsonObject::AddText(absl::string_view name, absl::string_view value) {
  return AddJson(name, JsonString(value));
}

JsonObject& JsonObject::AddBytes(absl::string_view name, absl::string_view value) {
  if (IsUtf8(value)) return AddText(name, value).AddText("encoding", "utf8");
  return AddText(name, absl::Base64Escape(value)).AddText("encoding", "base64");
}

JsonObject& JsonObject::AddInteger(absl::string_view name, int64_t value) {
  return AddJson(name, absl::StrCat(value));
}

JsonObject& JsonObject::AddUnsigned(absl::string_view name, uint64_t value) {
  return AddJson(name, absl::StrCat(value));
}

JsonObject& JsonObject::AddNumber(absl::string_view name, double value, int digits) {
  // JSON has no NaN and no infinity.
  if (!std::isfinite(value)) return AddJson(name, "null");
  return AddJson(name, absl::StrFormat("%.*f", digits, value));
}

JsonObject& JsonObject::AddBool(absl::string_view name, bool value) {
  return AddJson(name, value ? "true" : "false");
}

}  // namespace quorumcache::cli
