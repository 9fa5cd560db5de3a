// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/option_text.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::runtime {
namespace {

struct ByteUnit {
  absl::string_view name;
  uint64_t bytes;
};

// Binary units come last and ascending: FormatByteSize takes the largest that divides.
constexpr ByteUnit kByteUnits[] = {
    {"", 1},
    {"B", 1},
    {"kB", 1000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"KiB", uint64_t{1} << 10},
    {"MiB", uint64_t{1} << 20},
    {"GiB", uint64_t{1} << 30},
    {"TiB", uint64_t{1} << 40},
};

absl::Status Refuse(absl::string_view text, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", expected));
}

}  // namespace

absl::StatusOr<int64_t> ParseInteger(absl::string_view text) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return Refuse(text, "a whole number");
  return value;
}

absl::StatusOr<double> ParseDouble(absl::string_view text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) return Refuse(text, "a number");
  return value;
}

absl::StatusOr<bool> ParseBool(absl::string_view text) {
  for (absl::string_view yes : {"true", "yes", "on", "1"}) {
    if (absl::EqualsIgnoreCase(text, yes)) return true;
  }
  for (absl::string_view no : {"false", "no", "off", "0"}) {
    if (absl::EqualsIgnoreCase(text, no)) return false;
  }
  return Refuse(text, "true or false");
}

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration value;
  if (!absl::ParseDuration(text, &value) || value == absl::InfiniteDuration() ||
      value == -absl::InfiniteDuration()) {
    return Refuse(text, "a time span with a unit, such as 250ms, 30s or 1h30m");
  }
  return value;
}

absl::StatusOr<uint64_t> ParseByteSize(absl::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  uint64_t count = 0;
  if (absl::SimpleAtoi(text.substr(0, digits), &count)) {
    for (const ByteUnit& unit : kByteUnits) {
      if (!absl::EqualsIgnoreCase(text.substr(digits), unit.name)) continue;
      if (count > std::numeric_limits<uint64_t>::max() / unit.bytes) break;
      return count * unit.bytes;
    }
  }
  return Refuse(text, "a size, such as 4096, 64MiB or 1GB");
}

std::string FormatDouble(double value) {
  char buffer[32];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end.ptr);
}

std::string FormatByteSize(uint64_t bytes) {
  const ByteUnit* best = &kByteUnits[0];
  for (const ByteUnit& unit : kByteUnits) {
    if (unit.bytes % 1024 == 0 && bytes > 0 && bytes % unit.bytes == 0) best = &unit;
  }
  return absl::StrCat(bytes / best->bytes, best->name);
}

}  // namespace quorumcache::runtime
