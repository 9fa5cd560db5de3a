// SPDX-License-Identifier: Apache-2.0
#include "common/model/etag.h"

#include <cstddef>

namespace quorumcache::model {
namespace {

// epoch, hlc, proposer and two dots.
constexpr size_t kEtagSizeMax = 8 + 1 + 16 + 1 + 16;

// Writes `value` behind `end` and returns the new end. By hand: every Get and Set formats one.
char* AppendHex(uint64_t value, char* end) {
  constexpr char kDigits[] = "0123456789abcdef";
  int shift = 60;
  while (shift > 0 && (value >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *end++ = kDigits[(value >> shift) & 0xF];
  return end;
}

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

// Reads one number as AppendHex writes it, at most `digits_max` digits, off the front of `text`.
std::optional<uint64_t> ConsumeHex(absl::string_view* text, size_t digits_max) {
  uint64_t value = 0;
  size_t count = 0;
  for (; count < text->size(); ++count) {
    const std::optional<unsigned> digit = HexDigit((*text)[count]);
    if (!digit) break;
    if (count == digits_max) return std::nullopt;
    value = (value << 4) | *digit;
  }
  const bool leading_zero = count > 1 && text->front() == '0';
  if (count == 0 || leading_zero) return std::nullopt;
  text->remove_prefix(count);
  return value;
}

bool ConsumeDot(absl::string_view* text) {
  if (text->empty() || text->front() != '.') return false;
  text->remove_prefix(1);
  return true;
}

}  // namespace

std::string FormatEtag(const Ballot& ballot) {
  char buffer[kEtagSizeMax];
  char* end = AppendHex(ballot.epoch, buffer);
  *end++ = '.';
  end = AppendHex(ballot.hlc, end);
  *end++ = '.';
  end = AppendHex(ballot.proposer, end);
  return std::string(buffer, end);
}

std::optional<Ballot> ParseEtag(absl::string_view text) {
  const std::optional<uint64_t> epoch = ConsumeHex(&text, 8);
  if (!epoch || !ConsumeDot(&text)) return std::nullopt;
  const std::optional<uint64_t> hlc = ConsumeHex(&text, 16);
  if (!hlc || !ConsumeDot(&text)) return std::nullopt;
  const std::optional<uint64_t> proposer = ConsumeHex(&text, 16);
  if (!proposer || !text.empty()) return std::nullopt;
  return Ballot{static_cast<uint32_t>(*epoch), *hlc, *proposer};
}

}  // namespace quorumcache::model
