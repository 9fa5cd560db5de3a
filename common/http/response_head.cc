// SPDX-License-Identifier: Apache-2.0
#include "common/http/response_head.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace quorumcache::http {
namespace {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

void AppendField(std::string& head, absl::string_view name, absl::string_view value) {
  absl::StrAppend(&head, name, ": ");
  const size_t value_start = head.size();
  absl::StrAppend(&head, value);
  std::replace_if(head.begin() + static_cast<ptrdiff_t>(value_start), head.end(), IsControl, '?');
  head.append("\r\n");
}

}  // namespace

bool StatusHasBody(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string ResponseHead(const HttpResponse& response, const ResponseHeadOptions& options) {
  std::string head;
  head.reserve(256);
  absl::StrAppend(&head, "HTTP/1.1 ", response.status, " ", StatusPhrase(response.status), "\r\n");
  AppendField(head, "Date", options.date);
  AppendField(head, "X-Request-Id", options.request_id);
  if (StatusHasBody(response.status)) {
    if (options.framing == BodyFraming::kLength) {
      absl::StrAppend(&head, "Content-Length: ", response.body.size(), "\r\n");
    } else if (options.framing == BodyFraming::kChunked) {
      head.append("Transfer-Encoding: chunked\r\n");
    }
  }
  // Each version says what is not its default.
  if (!options.keep_alive) {
    head.append("Connection: close\r\n");
  } else if (!options.http11) {
    head.append("Connection: keep-alive\r\n");
  }
  for (const auto& [name, value] : response.headers.fields()) AppendField(head, name, value);
  head.append("\r\n");
  return head;
}

}  // namespace quorumcache::http
