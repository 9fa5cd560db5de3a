// SPDX-License-Identifier: Apache-2.0
// The one file that compiles Boost.JSON: Debian's libboost-json is a package of its own, the
// headers are not.
#include "common/json/json.h"

#include <boost/json/src.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::json {
namespace {

constexpr size_t kPrintableBytesMax = 64;

// How many bytes follow the lead byte, and the bounds of the first of them (Unicode 15, table 3-7).
struct Sequence {
  size_t tail_size;
  unsigned char second_min;
  unsigned char second_max;
};

bool LookUp(unsigned char lead, Sequence* sequence) {
  if (lead >= 0xC2 && lead <= 0xDF) return *sequence = {1, 0x80, 0xBF}, true;
  if (lead == 0xE0) return *sequence = {2, 0xA0, 0xBF}, true;
  if (lead == 0xED) return *sequence = {2, 0x80, 0x9F}, true;
  if (lead >= 0xE1 && lead <= 0xEF) return *sequence = {2, 0x80, 0xBF}, true;
  if (lead == 0xF0) return *sequence = {3, 0x90, 0xBF}, true;
  if (lead >= 0xF1 && lead <= 0xF3) return *sequence = {3, 0x80, 0xBF}, true;
  if (lead == 0xF4) return *sequence = {3, 0x80, 0x8F}, true;
  return false;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    Sequence sequence;
    if (!LookUp(lead, &sequence) || text.size() - i < sequence.tail_size) return false;
    const auto second = static_cast<unsigned char>(text[i]);
    if (second < sequence.second_min || second > sequence.second_max) return false;
    for (size_t j = 1; j < sequence.tail_size; ++j) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    }
    i += sequence.tail_size;
  }
  return true;
}

std::string Printable(absl::string_view bytes) {
  std::string text = absl::CHexEscape(bytes.substr(0, kPrintableBytesMax));
  if (bytes.size() > kPrintableBytesMax) absl::StrAppend(&text, "...");
  return text;
}

}  // namespace quorumcache::json
