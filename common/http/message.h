// SPDX-License-Identifier: Apache-2.0
// An HTTP request as handlers see it and a response as they give it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::http {

// Header fields in the order in which they came; names compare without regard to case. Value.
class HttpHeaders {
 public:
  // A field that is there already becomes the list "old, new" (RFC 9110, section 5.3).
  void Add(absl::string_view name, absl::string_view value);
  // Replaces every field of that name.
  void Set(absl::string_view name, absl::string_view value);
  // nullopt when absent. The view lives until the next change.
  std::optional<absl::string_view> Find(absl::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Complete: a handler is called once all of the body has arrived. Value.
struct HttpRequest {
  std::string method;
  // The path as sent, still percent-encoded; begins with '/'.
  std::string path;
  // What follows the '?', still encoded; "" when there is none.
  std::string query;
  HttpHeaders headers;
  std::string body;
  // The other end of the connection, "127.0.0.1:53122".
  std::string peer;
  // The client's X-Request-Id if it is one we can echo, otherwise one of ours. Never empty.
  std::string request_id;
  // The decoded values of the route's {names}, in order. Set by the router.
  std::vector<std::pair<std::string, std::string>> path_params;

  // "" when the route has no such parameter. The view lives as long as this request.
  absl::string_view PathParam(absl::string_view name) const;
};

// Value. Content-Length, Connection, Date and X-Request-Id are added on the way out.
struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
  // Ends the connection after this answer.
  bool close = false;
};

// The standard reason phrase, "Unknown" for a status without one.
absl::string_view StatusPhrase(int status);

}  // namespace quorumcache::http
