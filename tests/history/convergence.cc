// SPDX-License-Identifier: Apache-2.0
#include "tests/history/convergence.h"

#include "absl/strings/str_cat.h"

namespace quorumcache::history {

std::optional<std::string> CheckConvergence(std::span<const ClientOp> reads, bool must_agree) {
  for (const ClientOp& read : reads) {
    if (read.outcome != ClientOutcome::kOk) {
      return absl::StrCat("no answer after the end of all faults: ", Describe(read));
    }
    const ClientOp& last = reads.back();
    const bool agrees = read.found == last.found && read.version == last.version &&
                        (!read.found || read.value_read == last.value_read);
    if (must_agree && !agrees) {
      return absl::StrCat("not converged: ", Describe(read), "; ", Describe(last));
    }
  }
  return std::nullopt;
}

}  // namespace quorumcache::history
