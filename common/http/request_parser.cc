// SPDX-License-Identifier: Apache-2.0
#include "common/http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"

namespace quorumcache::http {
namespace {

namespace beast_http = boost::beast::http;

// Bodies grow as they come: a declared length alone must not cost memory.
constexpr uint64_t kBodyReserveBytesMax = 64 * 1024;
// The shortest text that ends a chunked body: "0\r\n\r\n".
constexpr size_t kLastChunkBytesMin = 5;

absl::string_view ToView(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// RFC 9112, section 3.2.2: a server must take "GET http://host/path" for "GET /path".
absl::string_view OriginForm(absl::string_view target) {
  if (absl::StartsWith(target, "/")) return target;
  const size_t scheme_end = target.find("://");
  if (scheme_end == absl::string_view::npos) return target;
  const size_t path = target.find('/', scheme_end + 3);
  return path == absl::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

RequestParser::RequestParser(HeaderCheck::Limits limits) : check_(limits) {
  // HeaderCheck and the route hold the limits; Beast's own would only be a second opinion on them.
  header_limit(std::numeric_limits<uint32_t>::max());
  body_limit(boost::none);
}

std::optional<RequestError> RequestParser::FeedHead(absl::string_view data, size_t* consumed) {
  *consumed = 0;
  if (std::optional<RequestError> error = check_.Feed(data)) return error;
  if (!check_.complete()) return std::nullopt;
  Error error;
  *consumed = put(boost::asio::buffer(data.data(), check_.head_size()), error);
  if (error) return ToRequestError(error);
  if (!is_header_done() || *consumed != check_.head_size()) {
    return RequestError{.status = 400,
                        .code = "HTTP_MALFORMED",
                        .detail = "the request head can be read in two ways"};
  }
  head_done_ = true;
  return std::nullopt;
}

std::optional<uint64_t> RequestParser::declared_body_bytes() const {
  if (chunked()) return std::nullopt;
  return content_length().value_or(0);
}

std::optional<RequestError> RequestParser::LimitBody(uint64_t bytes_max) {
  body_bytes_max_ = bytes_max;
  if (declared_body_bytes().value_or(0) > bytes_max) {
    return ToRequestError(beast_http::error::body_limit);
  }
  body_limit(bytes_max);
  return std::nullopt;
}

std::optional<RequestError> RequestParser::FeedBody(absl::string_view data, size_t* consumed) {
  *consumed = 0;
  while (!is_done()) {
    const absl::string_view rest = data.substr(*consumed);
    // Beast's parser asserts on fewer bytes where it has already seen that a last chunk begins.
    const bool at_chunk_header = chunked() && chunk_bytes_left_ == 0;
    if (rest.empty() || (at_chunk_header && rest.size() < kLastChunkBytesMin)) return std::nullopt;
    Error error;
    *consumed += put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error == beast_http::error::need_more) {
      if (rest.size() < limits::kHttpChunkOverheadBytesMax) return std::nullopt;
      error = beast_http::error::bad_chunk;
    }
    if (error) return ToRequestError(error);
  }
  return std::nullopt;
}

void RequestParser::on_request_impl(beast_http::verb, View method, View target, int version,
                                    Error&) {
  version_ = version;
  request_.method = std::string(method);
  const absl::string_view origin = OriginForm(ToView(target));
  const size_t question = origin.find('?');
  request_.path = std::string(origin.substr(0, question));
  if (question != absl::string_view::npos) {
    request_.query = std::string(origin.substr(question + 1));
  }
}

void RequestParser::on_response_impl(int, View, int, Error& error) {
  error = beast_http::error::bad_method;
}

void RequestParser::on_field_impl(beast_http::field, View name, View value, Error& error) {
  if (!head_done_) return request_.headers.Add(ToView(name), ToView(value));
  // A trailer comes after the decisions that fields are for; it is read and thrown away.
  ChargeOverhead(name.size() + value.size(), error);
}

void RequestParser::ChargeOverhead(size_t bytes, Error& error) {
  overhead_bytes_ += bytes;
  if (overhead_bytes_ > limits::kHttpChunkOverheadBytesMax) error = beast_http::error::bad_chunk;
}

void RequestParser::on_header_impl(Error&) {}

void RequestParser::on_body_init_impl(boost::optional<uint64_t> const& size, Error&) {
  request_.body.reserve(std::min(size.value_or(0), kBodyReserveBytesMax));
}

size_t RequestParser::on_body_impl(View bytes, Error&) {
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(uint64_t size, View extensions, Error& error) {
  chunk_bytes_left_ = size;
  ChargeOverhead(extensions.size(), error);
}

size_t RequestParser::on_chunk_body_impl(uint64_t, View bytes, Error&) {
  request_.body.append(bytes.data(), bytes.size());
  chunk_bytes_left_ -= bytes.size();
  return bytes.size();
}

void RequestParser::on_finish_impl(Error&) {}

RequestError RequestParser::ToRequestError(const Error& error) const {
  if (error == beast_http::error::body_limit) {
    return RequestError{
        .status = 413,
        .code = "BODY_TOO_LARGE",
        .detail = absl::StrCat("the request body is larger than ", body_bytes_max_, " bytes")};
  }
  return RequestError{.status = 400,
                      .code = "HTTP_MALFORMED",
                      .detail = absl::StrCat("the request cannot be read: ", error.message())};
}

}  // namespace quorumcache::http
