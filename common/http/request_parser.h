// SPDX-License-Identifier: Apache-2.0
// RequestParser: one HTTP request from bytes to HttpRequest.
//
// HeaderCheck reads the head strictly, Beast's parser reads it again and decodes the body; both
// must agree.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "common/http/header_check.h"
#include "common/http/message.h"

namespace quorumcache::http {

// Fed from the start of a request until done(). Thread-compatible; used for one request.
class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(HeaderCheck::Limits limits);

  // Looks for the end of the head in `data`, which holds all unconsumed bytes. `*consumed` becomes
  // the size of the head once head_done().
  std::optional<RequestError> FeedHead(absl::string_view data, size_t* consumed);
  bool head_done() const { return head_done_; }

  // The rest holds once head_done().
  bool keep_alive() const { return basic_parser::keep_alive(); }
  bool http11() const { return version_ == 11; }
  bool expects_continue() const { return check_.expects_continue() && http11(); }
  bool done() const { return is_done(); }
  // nullopt: chunked. 0: no body.
  std::optional<uint64_t> declared_body_bytes() const;
  // Longer bodies are refused with 413. Call before FeedBody.
  std::optional<RequestError> LimitBody(uint64_t bytes_max);

  // Decodes body bytes; call again with the unconsumed rest and more until done().
  std::optional<RequestError> FeedBody(absl::string_view data, size_t* consumed);

  HttpRequest& request() { return request_; }

 private:
  using Error = boost::beast::error_code;
  using View = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, View method, View target, int version,
                       Error& error) override;
  void on_response_impl(int code, View reason, int version, Error& error) override;
  void on_field_impl(boost::beast::http::field field, View name, View value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(boost::optional<uint64_t> const& size, Error& error) override;
  size_t on_body_impl(View bytes, Error& error) override;
  void on_chunk_header_impl(uint64_t size, View extensions, Error& error) override;
  size_t on_chunk_body_impl(uint64_t remaining, View bytes, Error& error) override;
  void on_finish_impl(Error& error) override;

  // Counts what a chunked body carries beside its bytes; an error above the limit.
  void ChargeOverhead(size_t bytes, Error& error);
  RequestError ToRequestError(const Error& error) const;

  HeaderCheck check_;
  HttpRequest request_;
  bool head_done_ = false;
  int version_ = 0;
  uint64_t body_bytes_max_ = 0;
  // Bytes of the chunk under way that have not come yet; 0: a chunk header is next.
  uint64_t chunk_bytes_left_ = 0;
  size_t overhead_bytes_ = 0;
};

}  // namespace quorumcache::http
