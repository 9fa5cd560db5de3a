// SPDX-License-Identifier: Apache-2.0
#include "common/http/server_context.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::http {
namespace {

// Room for a UUID, a trace context or a ULID, with some to spare.
constexpr size_t kRequestIdBytesMax = 128;

bool CanBeEchoed(absl::string_view id) {
  return !id.empty() && id.size() <= kRequestIdBytesMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  (c != '\0' && absl::StrContains("-._:+/=", c));
         });
}

}  // namespace

std::string ServerContext::RequestId(absl::string_view proposed) {
  if (CanBeEchoed(proposed)) return std::string(proposed);
  return absl::StrCat(absl::Hex(id_prefix_, absl::kZeroPad16),
                      absl::Hex(next_id_.fetch_add(1), absl::kZeroPad16));
}

}  // namespace quorumcache::http
