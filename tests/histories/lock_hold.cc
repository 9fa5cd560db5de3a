// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/lock_hold.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/model/etag.h"

namespace quorumcache::histories {
namespace {

std::string Describe(const LockHold& hold) {
  return absl::StrCat("[", hold.invoked_ns, ", ", hold.returned_ns, "] held until ", hold.until_ns,
                      " by ", model::FormatEtag(hold.token));
}

}  // namespace

std::string CheckLockHolds(std::vector<LockHold> holds) {
  std::sort(holds.begin(), holds.end(),
            [](const LockHold& a, const LockHold& b) { return a.returned_ns < b.returned_ns; });
  for (size_t i = 0; i < holds.size(); ++i) {
    for (size_t j = i + 1; j < holds.size(); ++j) {
      const LockHold& earlier = holds[i];
      const LockHold& later = holds[j];
      const std::string both = absl::StrCat(Describe(earlier), " and ", Describe(later));
      const int64_t both_until_ns = std::min(earlier.until_ns, later.until_ns);
      if (later.returned_ns < both_until_ns) return absl::StrCat("held twice: ", both);
      const bool in_order = later.invoked_ns > earlier.returned_ns;
      if (in_order && later.token <= earlier.token) {
        return absl::StrCat("tokens do not grow: ", both);
      }
    }
  }
  return "";
}

}  // namespace quorumcache::histories
