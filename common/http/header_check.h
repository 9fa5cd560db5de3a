// SPDX-License-Identifier: Apache-2.0
// HeaderCheck: reads the head of a request as strictly as RFC 9112 allows, before Beast's parser
// sees it.
//
// Beast 1.81 is lenient where leniency lets two parsers disagree about where a request ends
// (request smuggling). Read in its source and tested: it joins obs-fold lines; takes
// "Content-Length: 5, 5" and repeated equal lengths; takes "Transfer-Encoding: gzip" and "chunked,
// identity" for no body at all, and "gzip, chunked" for chunked; takes Transfer-Encoding in
// HTTP/1.0; and waits for ever on bare line feeds. Here each of these is an error, found at the
// line that holds it, not after the last one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::http {

// Why a request is refused; becomes problem+json. Value.
struct RequestError {
  int status = 400;
  std::string code;
  std::string detail;
};

// One request head, line by line, as its bytes come in. Thread-compatible.
class HeaderCheck {
 public:
  struct Limits {
    size_t header_bytes_max = 0;
    size_t target_bytes_max = 0;
  };

  explicit HeaderCheck(Limits limits) : limits_(limits) {}

  // `data` begins with the request line and holds all bytes so far: each call gets the same bytes
  // and more. Returns the error, or nothing: then complete() says whether the head has ended.
  std::optional<RequestError> Feed(absl::string_view data);

  bool complete() const { return complete_; }
  // Bytes of the head, with the empty line. Requires: complete().
  size_t head_size() const { return line_start_; }
  // The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }

 private:
  std::optional<RequestError> CheckLine(absl::string_view line);
  std::optional<RequestError> CheckRequestLine(absl::string_view line);
  std::optional<RequestError> CheckField(absl::string_view line);
  std::optional<RequestError> CheckFraming(absl::string_view name, absl::string_view value);
  std::optional<RequestError> CheckEnd() const;
  // The unfinished line at the end of the data is already too long.
  std::optional<RequestError> CheckSize(size_t line_size) const;
  RequestError TargetTooLong() const;

  const Limits limits_;
  size_t line_start_ = 0;
  size_t fields_start_ = 0;  // 0: the request line has not ended
  size_t scanned_ = 0;
  size_t field_count_ = 0;
  bool complete_ = false;
  bool http11_ = false;
  bool has_host_ = false;
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool expects_continue_ = false;
};

}  // namespace quorumcache::http
