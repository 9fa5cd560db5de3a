// SPDX-License-Identifier: Apache-2.0
// Router: which handler answers a method and a path.
//
// Paths are matched segment by segment before they are decoded, so that a key may hold any byte:
// the pattern /v1/keys/{key} matches /v1/keys/a%2Fb with key "a/b", and does not match
// /v1/keys/a/b.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/limits.h"
#include "common/http/message.h"
#include "common/http/responder.h"

namespace quorumcache::http {

// Runs on the server's thread and must not block: hand the work on and answer through the
// Responder.
using HttpHandler = std::function<void(HttpRequest, Responder)>;

struct Route {
  std::string method;
  // Segments are literal or "{name}"; a {name} is exactly one segment, which may be empty.
  std::string pattern;
  HttpHandler handler;
  // A longer body is refused with 413 before it is read.
  size_t body_bytes_max = limits::kHttpSmallBodyBytesMax;
};

// What the router makes of a request line.
struct RouteMatch {
  // Null when there is no handler; then `status` (400, 404, 405) and `detail` say why.
  const Route* route = nullptr;
  std::vector<std::pair<std::string, std::string>> path_params;
  int status = 200;
  std::string detail;
  // With 405: the methods there are, "GET, HEAD, PUT".
  std::string allow;
};

// Filled before the server starts, immutable afterwards. A few dozen routes: searched linearly.
class Router {
 public:
  // Requires: the method and the pattern are new, and the pattern begins with '/'. A GET route also
  // answers HEAD. Where several patterns match, the one with more literal segments wins.
  void Add(Route route);

  // `path` is still encoded, without the query.
  RouteMatch Match(absl::string_view method, absl::string_view path) const;

  // In the order in which they were added.
  std::vector<const Route*> routes() const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> segments;
    size_t literal_count = 0;
  };

  // 404, or 405 with the methods that the path does know.
  RouteMatch Refuse(absl::string_view method, absl::string_view path,
                    const std::vector<absl::string_view>& raw) const;
  // Decodes the parameters of a matching path; 400 where that fails.
  static RouteMatch Bind(const Entry& entry, const std::vector<absl::string_view>& raw);

  std::vector<Entry> entries_;
};

}  // namespace quorumcache::http
