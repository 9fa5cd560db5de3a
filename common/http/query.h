// SPDX-License-Identifier: Apache-2.0
// The query part of a URL: name=value pairs joined by '&'.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quorumcache::http {

// Value; a handful of pairs, searched linearly.
class QueryParams {
 public:
  // `raw` is what follows the '?', still encoded. Here '+' is a space (and "%2B" a plus): every
  // client library writes queries as HTML forms do, unlike paths. A name without '=' has the value
  // "". INVALID_ARGUMENT: a bad percent encoding, or one name twice (which of the two would be
  // meant?).
  static absl::StatusOr<QueryParams> Parse(absl::string_view raw);

  // nullopt when absent. The view lives as long as this object.
  std::optional<absl::string_view> Find(absl::string_view name) const;
  // Decoded, in the order in which they came.
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace quorumcache::http
