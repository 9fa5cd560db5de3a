// SPDX-License-Identifier: Apache-2.0
#include "cli/error_counts.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/json_text.h"
#include "cli/output.h"

namespace quorumcache::cli {

void ErrorCounts::Add(int code, absl::string_view reason) {
  const std::string name = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
  ++counts_[reason.empty() ? name : absl::StrCat(name, " ", Printable(reason))];
}

uint64_t ErrorCounts::total() const {
  uint64_t total = 0;
  for (const auto& [name, count] : counts_) total += count;
  return total;
}

std::string ErrorCounts::Json() const {
  JsonObject object;
  for (const auto& [name, count] : counts_) object.AddUnsigned(name, count);
  return object.Text();
}

std::string ErrorCounts::Text() const {
  std::string out;
  for (const auto& [name, count] : counts_) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", count, " ", name);
  }
  return out.empty() ? "none" : out;
}

}  // namespace quorumcache::cli
