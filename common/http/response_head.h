// SPDX-License-Identifier: Apache-2.0
// The head of a response as bytes.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/http/message.h"

namespace quorumcache::http {

// How the end of the body is told.
enum class BodyFraming : uint8_t { kLength, kChunked, kUntilClose };

struct ResponseHeadOptions {
  bool http11 = true;
  bool keep_alive = true;
  BodyFraming framing = BodyFraming::kLength;
  // An HTTP date (RFC 9110, section 5.6.7).
  absl::string_view date;
  absl::string_view request_id;
};

// Status line, fields and the empty line. With kLength, Content-Length is that of response.body,
// also where the body itself will not be sent (HEAD). A field value that holds control characters
// would end the field early and begin another (values can come from stored data): each becomes '?'.
std::string ResponseHead(const HttpResponse& response, const ResponseHeadOptions& options);

// RFC 9110, section 6.4.1: 1xx, 204 and 304 never have a body.
bool StatusHasBody(int status);

}  // namespace quorumcache::http
