// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP client for tests: one request a connection, and raw bytes where a test is
// hostile.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quorumcache::integration {

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// `target` is sent as it is, percent-encoding included. UNAVAILABLE where nobody listens.
absl::StatusOr<HttpReply> HttpCall(const std::string& address, const std::string& method,
                                   const std::string& target, const std::string& body = "",
                                   const HttpHeaders& headers = {});

// Sends `bytes` and returns all that comes back until the server closes; 20 s at most.
absl::StatusOr<std::string> RawExchange(const std::string& address, absl::string_view bytes);

}  // namespace quorumcache::integration
