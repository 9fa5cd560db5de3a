// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/ask.h"

#include "absl/strings/numbers.h"

namespace quorumcache::histories {

int64_t NumberOf(const std::string& value) {
  int64_t number = 0;
  return absl::SimpleAtoi(value.substr(0, value.find(' ')), &number) ? number : 0;
}

bool IsConditionFailure(const std::string& reason) {
  return reason == "KEY_EXISTS" || reason == "KEY_NOT_FOUND" || reason == "ETAG_MISMATCH";
}

}  // namespace quorumcache::histories
