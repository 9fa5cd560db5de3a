// SPDX-License-Identifier: Apache-2.0
#include "common/http/query.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/http/percent.h"

namespace quorumcache::http {
namespace {

absl::StatusOr<std::string> DecodeFormText(absl::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  std::optional<std::string> decoded = PercentDecode(spaced);
  if (!decoded.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the query holds a '%' that is not followed by two hex digits, near \"",
                     text.substr(0, 32), "\"; write a percent sign as %25"));
  }
  return *std::move(decoded);
}

}  // namespace

absl::StatusOr<QueryParams> QueryParams::Parse(absl::string_view raw) {
  QueryParams params;
  for (const absl::string_view part : absl::StrSplit(raw, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    QC_ASSIGN_OR_RETURN(std::string name, DecodeFormText(pair.first));
    QC_ASSIGN_OR_RETURN(std::string value, DecodeFormText(pair.second));
    if (params.Find(name).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the query parameter \"", name, "\" is there twice; give it once"));
    }
    params.pairs_.emplace_back(std::move(name), std::move(value));
  }
  return params;
}

std::optional<absl::string_view> QueryParams::Find(absl::string_view name) const {
  for (const auto& [other, value] : pairs_) {
    if (other == name) return value;
  }
  return std::nullopt;
}

}  // namespace quorumcache::http
