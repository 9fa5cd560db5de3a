// SPDX-License-Identifier: Apache-2.0
// RequestIdSource: a UUID for each operation of a benchmark, for the price of writing one number.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "common/runtime/random_bits.h"

namespace quorumcache::cli {

// Thread-compatible.
class RequestIdSource {
 public:
  // Random in its first half, counted in its second: unique among all runs for all purposes. Valid
  // until the next call.
  const std::string& Next() {
    const uint64_t number = ++number_;
    for (int digit = 0; digit < 12; ++digit) {
      text_[text_.size() - 1 - digit] = "0123456789abcdef"[(number >> (4 * digit)) & 15];
    }
    return text_;
  }

 private:
  static std::string Draw() {
    const uint64_t random = runtime::RandomNonZero64();
    return absl::StrFormat("%08x-%04x-4%03x-8000-000000000000", random >> 32,
                           (random >> 16) & 0xffff, random & 0xfff);
  }

  uint64_t number_ = 0;
  std::string text_ = Draw();
};

}  // namespace quorumcache::cli
