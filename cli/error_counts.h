// SPDX-License-Identifier: Apache-2.0
// ErrorCounts: failed operations by code and reason.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::cli {

// Thread-compatible.
class ErrorCounts {
 public:
  // `code`: the number of a grpc::StatusCode.
  void Add(int code, absl::string_view reason);
  void Clear() { counts_.clear(); }
  uint64_t total() const;
  // {"UNAVAILABLE QUORUM_UNREACHABLE":12}
  std::string Json() const;
  // "12 UNAVAILABLE QUORUM_UNREACHABLE, 3 ..."; "none".
  std::string Text() const;

 private:
  std::map<std::string, uint64_t> counts_;
};

}  // namespace quorumcache::cli
