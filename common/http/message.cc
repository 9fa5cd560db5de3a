// SPDX-License-Identifier: Apache-2.0
#include "common/http/message.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::http {
namespace {

struct Phrase {
  int status;
  const char* text;
};

// Every status that this product sends; RFC 9110 section 15, RFC 6585.
constexpr std::array kPhrases = std::to_array<Phrase>({
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
});

}  // namespace

void HttpHeaders::Add(absl::string_view name, absl::string_view value) {
  for (auto& [other, text] : fields_) {
    if (absl::EqualsIgnoreCase(other, name)) {
      absl::StrAppend(&text, ", ", value);
      return;
    }
  }
  fields_.emplace_back(name, value);
}

void HttpHeaders::Set(absl::string_view name, absl::string_view value) {
  std::erase_if(fields_,
                [&](const auto& field) { return absl::EqualsIgnoreCase(field.first, name); });
  fields_.emplace_back(name, value);
}

std::optional<absl::string_view> HttpHeaders::Find(absl::string_view name) const {
  for (const auto& [other, value] : fields_) {
    if (absl::EqualsIgnoreCase(other, name)) return value;
  }
  return std::nullopt;
}

absl::string_view HttpRequest::PathParam(absl::string_view name) const {
  for (const auto& [other, value] : path_params) {
    if (other == name) return value;
  }
  return "";
}

absl::string_view StatusPhrase(int status) {
  const auto found = std::find_if(kPhrases.begin(), kPhrases.end(),
                                  [&](const Phrase& phrase) { return phrase.status == status; });
  return found == kPhrases.end() ? "Unknown" : found->text;
}

}  // namespace quorumcache::http
