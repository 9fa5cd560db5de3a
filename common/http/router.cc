// SPDX-License-Identifier: Apache-2.0
#include "common/http/router.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"
#include "common/http/percent.h"
#include "common/json/json.h"

namespace quorumcache::http {
namespace {

bool IsParameter(absl::string_view segment) {
  return absl::StartsWith(segment, "{") && absl::EndsWith(segment, "}");
}

// Some clients encode more than they need ("keys%3AmultiGet"), so literals compare decoded. A
// segment that decodes to something with a '/' equals no literal.
bool EqualsLiteral(absl::string_view raw, absl::string_view literal) {
  if (raw == literal) return true;
  return absl::StrContains(raw, '%') && PercentDecode(raw) == std::string(literal);
}

bool SegmentsMatch(const std::vector<std::string>& pattern,
                   const std::vector<absl::string_view>& raw) {
  if (pattern.size() != raw.size()) return false;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (!IsParameter(pattern[i]) && !EqualsLiteral(raw[i], pattern[i])) return false;
  }
  return true;
}

bool MethodMatches(absl::string_view route_method, absl::string_view method) {
  return route_method == method || (route_method == "GET" && method == "HEAD");
}

RouteMatch NotFound(absl::string_view path) {
  RouteMatch match;
  match.status = 404;
  match.detail = absl::StrCat("there is nothing at ", json::Printable(path),
                              "; /openapi.json lists what there is. A key is one path segment: "
                              "a '/' in it is written %2F");
  return match;
}

}  // namespace

void Router::Add(Route route) {
  QC_CHECK(absl::StartsWith(route.pattern, "/"));
  Entry entry;
  entry.segments = absl::StrSplit(absl::string_view(route.pattern).substr(1), '/');
  entry.literal_count = static_cast<size_t>(
      std::count_if(entry.segments.begin(), entry.segments.end(),
                    [](const std::string& segment) { return !IsParameter(segment); }));
  for (const Entry& other : entries_) {
    QC_CHECK(other.route.method != route.method || other.route.pattern != route.pattern);
  }
  entry.route = std::move(route);
  entries_.push_back(std::move(entry));
}

RouteMatch Router::Match(absl::string_view method, absl::string_view path) const {
  if (!absl::StartsWith(path, "/")) return NotFound(path);
  const std::vector<absl::string_view> raw = absl::StrSplit(path.substr(1), '/');
  const Entry* best = nullptr;
  for (const Entry& entry : entries_) {
    if (!MethodMatches(entry.route.method, method) || !SegmentsMatch(entry.segments, raw)) continue;
    if (best == nullptr || entry.literal_count > best->literal_count) best = &entry;
  }
  return best == nullptr ? Refuse(method, path, raw) : Bind(*best, raw);
}

RouteMatch Router::Refuse(absl::string_view method, absl::string_view path,
                          const std::vector<absl::string_view>& raw) const {
  std::set<std::string> methods;
  for (const Entry& entry : entries_) {
    if (SegmentsMatch(entry.segments, raw)) methods.insert(entry.route.method);
  }
  if (methods.empty()) return NotFound(path);
  if (methods.contains("GET")) methods.insert("HEAD");
  RouteMatch match;
  match.status = 405;
  match.allow = absl::StrJoin(methods, ", ");
  match.detail = absl::StrCat("this path does not know the method ", json::Printable(method),
                              "; it answers ", match.allow);
  return match;
}

RouteMatch Router::Bind(const Entry& entry, const std::vector<absl::string_view>& raw) {
  RouteMatch match;
  for (size_t i = 0; i < raw.size(); ++i) {
    const absl::string_view name = entry.segments[i];
    if (!IsParameter(name)) continue;
    std::optional<std::string> value = PercentDecode(raw[i]);
    if (!value.has_value()) {
      match.status = 400;
      match.detail =
          "the path holds a '%' that is not followed by two hex digits; write a "
          "percent sign as %25";
      return match;
    }
    match.path_params.emplace_back(name.substr(1, name.size() - 2), *std::move(value));
  }
  match.route = &entry.route;
  return match;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> routes;
  for (const Entry& entry : entries_) routes.push_back(&entry.route);
  return routes;
}

}  // namespace quorumcache::http
