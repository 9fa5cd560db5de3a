// SPDX-License-Identifier: Apache-2.0
#include "common/http/header_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/json/json.h"

namespace quorumcache::http {
namespace {

// "CONNECT" and the longest WebDAV verbs are far below; what is longer is not HTTP.
constexpr size_t kMethodBytesMax = 32;
// " HTTP/1.1" and the line end.
constexpr size_t kVersionBytes = 11;
// 18 digits fit into 64 bits; no body limit comes near.
constexpr size_t kLengthDigitsMax = 18;

RequestError Bad(std::string detail) {
  return RequestError{.status = 400, .code = "HTTP_MALFORMED", .detail = std::move(detail)};
}

// RFC 9110, section 5.6.2.
bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           (c != '\0' && absl::StrContains("!#$%&'*+-.^_`|~", c));
  });
}

bool IsTarget(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Tabs and bytes from 0x80 on are allowed in a field value, other control characters are not.
bool IsFieldValue(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

std::optional<RequestError> HeaderCheck::Feed(absl::string_view data) {
  // Told apart at the first byte, or a TLS client would wait for its timeout.
  if (!data.empty() && fields_start_ == 0 && !IsToken(data.substr(0, 1))) {
    return Bad("this is not an HTTP request; TLS and other protocols are not spoken on this port");
  }
  while (!complete_) {
    const size_t line_end = data.find('\n', scanned_);
    const size_t known_end = line_end == absl::string_view::npos ? data.size() : line_end + 1;
    if (std::optional<RequestError> error = CheckSize(known_end - line_start_)) return error;
    if (line_end == absl::string_view::npos) {
      scanned_ = data.size();
      return std::nullopt;
    }
    const absl::string_view line = data.substr(line_start_, line_end - line_start_);
    if (!absl::EndsWith(line, "\r")) {
      return Bad("a line of the request ends in a bare line feed; HTTP lines end in CR LF");
    }
    if (std::optional<RequestError> error = CheckLine(line.substr(0, line.size() - 1))) {
      return error;
    }
    line_start_ = scanned_ = line_end + 1;
    if (fields_start_ == 0) fields_start_ = line_start_;
  }
  return std::nullopt;
}

std::optional<RequestError> HeaderCheck::CheckSize(size_t line_size) const {
  if (fields_start_ == 0) {
    if (line_size <= kMethodBytesMax + limits_.target_bytes_max + kVersionBytes) {
      return std::nullopt;
    }
    return TargetTooLong();
  }
  if (line_start_ - fields_start_ + line_size <= limits_.header_bytes_max) return std::nullopt;
  return RequestError{.status = 431,
                      .code = "HEADERS_TOO_LARGE",
                      .detail = absl::StrCat("the header fields are larger than ",
                                             limits_.header_bytes_max, " bytes together")};
}

RequestError HeaderCheck::TargetTooLong() const {
  return RequestError{
      .status = 414,
      .code = "TARGET_TOO_LONG",
      .detail = absl::StrCat("the request target is longer than ", limits_.target_bytes_max,
                             " bytes; long keys and many keys fit into a POST body")};
}

std::optional<RequestError> HeaderCheck::CheckLine(absl::string_view line) {
  if (fields_start_ == 0) return CheckRequestLine(line);
  if (!line.empty()) return CheckField(line);
  complete_ = true;
  return CheckEnd();
}

std::optional<RequestError> HeaderCheck::CheckRequestLine(absl::string_view line) {
  const size_t method_end = line.find(' ');
  const size_t target_end = line.rfind(' ');
  if (method_end == absl::string_view::npos || target_end == method_end) {
    return Bad("the request line is not \"METHOD /target HTTP/1.1\"");
  }
  const absl::string_view method = line.substr(0, method_end);
  const absl::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const absl::string_view version = line.substr(target_end + 1);
  if (!IsToken(method) || method.size() > kMethodBytesMax) {
    return Bad(absl::StrCat("\"", json::Printable(method), "\" is not a method"));
  }
  if (target.size() > limits_.target_bytes_max) return TargetTooLong();
  if (!IsTarget(target)) {
    return Bad("the request target holds a space or a byte that must be percent-encoded");
  }
  http11_ = version == "HTTP/1.1";
  if (http11_ || version == "HTTP/1.0") return std::nullopt;
  if (absl::StartsWith(version, "HTTP/") && version.size() <= 8) {
    return RequestError{
        .status = 505,
        .code = "HTTP_VERSION_UNSUPPORTED",
        .detail = absl::StrCat(json::Printable(version), " is not spoken here; use HTTP/1.1")};
  }
  return Bad("the request line does not end in HTTP/1.1");
}

std::optional<RequestError> HeaderCheck::CheckField(absl::string_view line) {
  if (++field_count_ > limits::kHttpFieldsMax) {
    return RequestError{
        .status = 431,
        .code = "HEADERS_TOO_LARGE",
        .detail = absl::StrCat("there are more than ", limits::kHttpFieldsMax, " header fields")};
  }
  if (line[0] == ' ' || line[0] == '\t') {
    return Bad("a header field goes on over two lines (obs-fold); write it on one");
  }
  const size_t colon = line.find(':');
  const absl::string_view name = line.substr(0, colon);
  if (colon == absl::string_view::npos || !IsToken(name)) {
    return Bad("a header line is not \"Name: value\"");
  }
  const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
  if (!IsFieldValue(line.substr(colon + 1))) {
    return Bad(absl::StrCat("the header field ", name, " holds a control character"));
  }
  return CheckFraming(name, value);
}

std::optional<RequestError> HeaderCheck::CheckFraming(absl::string_view name,
                                                      absl::string_view value) {
  if (absl::EqualsIgnoreCase(name, "Content-Length")) {
    if (std::exchange(has_length_, true)) return Bad("there are two Content-Length fields");
    if (!IsDigits(value) || value.size() > kLengthDigitsMax) {
      return Bad("Content-Length is not a whole number of bytes");
    }
  } else if (absl::EqualsIgnoreCase(name, "Transfer-Encoding")) {
    if (std::exchange(has_encoding_, true)) return Bad("there are two Transfer-Encoding fields");
    if (!absl::EqualsIgnoreCase(value, "chunked")) {
      return RequestError{.status = 501,
                          .code = "TRANSFER_ENCODING_UNSUPPORTED",
                          .detail = "the only transfer encoding spoken here is \"chunked\""};
    }
  } else if (absl::EqualsIgnoreCase(name, "Host")) {
    if (std::exchange(has_host_, true)) return Bad("there are two Host fields");
    if (absl::StrContains(value, '/') || absl::StrContains(value, ' ') ||
        absl::StrContains(value, ',') || absl::StrContains(value, '@')) {
      return Bad("Host is not a host name with an optional port");
    }
  } else if (absl::EqualsIgnoreCase(name, "Expect")) {
    if (!absl::EqualsIgnoreCase(value, "100-continue")) {
      return RequestError{.status = 417,
                          .code = "EXPECTATION_FAILED",
                          .detail = "the only expectation met here is \"100-continue\""};
    }
    expects_continue_ = true;
  }
  return std::nullopt;
}

std::optional<RequestError> HeaderCheck::CheckEnd() const {
  if (has_length_ && has_encoding_) {
    return Bad("the request has both Content-Length and Transfer-Encoding; send one of them");
  }
  if (has_encoding_ && !http11_) return Bad("HTTP/1.0 has no Transfer-Encoding");
  if (http11_ && !has_host_) return Bad("an HTTP/1.1 request needs a Host field");
  return std::nullopt;
}

}  // namespace quorumcache::http
