// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_url.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace quorumcache::topology_etcd {
namespace {

// As many members as anybody runs, and a few.
constexpr size_t kEndpointsMax = 32;
constexpr size_t kPrefixSizeBytesMax = 200;

absl::Status Bad(absl::string_view url, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("topology \"", url, "\": ", what,
                   "; expected etcd://HOST:PORT,HOST:PORT/PREFIX (etcds: with TLS)"));
}

bool IsHostPort(absl::string_view endpoint) {
  const size_t colon = endpoint.rfind(':');
  uint32_t port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(endpoint.substr(colon + 1), &port) && port > 0 && port <= 65535 &&
         endpoint.find_first_of("@?#% ") == absl::string_view::npos;
}

bool IsPrefixCharacter(char character) {
  return absl::ascii_isalnum(static_cast<unsigned char>(character)) ||
         absl::StrContains("-_./", absl::string_view(&character, 1));
}

absl::StatusOr<std::string> ParsePrefix(absl::string_view url, absl::string_view prefix) {
  while (absl::ConsumeSuffix(&prefix, "/")) continue;
  if (prefix.empty()) return std::string(kPrefixDefault);
  if (prefix.size() > kPrefixSizeBytesMax) return Bad(url, "the prefix is too long");
  for (const char character : prefix) {
    if (!IsPrefixCharacter(character)) {
      return Bad(url, "the prefix may have letters, digits and - _ . / only");
    }
  }
  return std::string(prefix);
}

}  // namespace

absl::StatusOr<EtcdUrl> ParseEtcdUrl(absl::string_view url) {
  absl::string_view rest = url;
  EtcdUrl result;
  result.has_tls = absl::ConsumePrefix(&rest, "etcds://");
  if (!result.has_tls && !absl::ConsumePrefix(&rest, "etcd://")) {
    return Bad(url, "it does not begin with etcd:// or etcds://");
  }
  const size_t slash = rest.find('/');
  const absl::string_view endpoints = rest.substr(0, slash);
  const absl::string_view prefix =
      slash == absl::string_view::npos ? absl::string_view() : rest.substr(slash);
  QC_ASSIGN_OR_RETURN(result.prefix, ParsePrefix(url, prefix));
  for (const absl::string_view endpoint : absl::StrSplit(endpoints, ',')) {
    if (!IsHostPort(endpoint)) return Bad(url, absl::StrCat("\"", endpoint, "\" is no HOST:PORT"));
    result.endpoints.emplace_back(endpoint);
  }
  if (result.endpoints.size() > kEndpointsMax) return Bad(url, "too many endpoints");
  return result;
}

}  // namespace quorumcache::topology_etcd
