// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/http_client.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace quorumcache::integration {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// A server that never answers must fail a test, not hang it.
constexpr int kSocketTimeoutSeconds = 20;

error_code Connect(const std::string& address, asio::ip::tcp::socket& socket) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(address, ':');
  error_code error;
  const auto ip = asio::ip::make_address(parts.first, error);
  if (error) return error;
  socket.connect({ip, static_cast<uint16_t>(std::stoi(parts.second))}, error);
  const timeval timeout{kSocketTimeoutSeconds, 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  return error;
}

HttpReply ToReply(http::response<http::string_body>& response) {
  HttpReply reply;
  reply.status = static_cast<int>(response.result_int());
  reply.body = std::move(response.body());
  for (const auto& field : response) {
    const std::string name(field.name_string());
    reply.headers[absl::AsciiStrToLower(name)] = std::string(field.value());
  }
  return reply;
}

}  // namespace

absl::StatusOr<HttpReply> HttpCall(const std::string& address, const std::string& method,
                                   const std::string& target, const std::string& body,
                                   const HttpHeaders& headers) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  if (Connect(address, socket)) return absl::UnavailableError(address);
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.set(http::field::host, address);
  for (const auto& [name, value] : headers) request.insert(name, value);
  request.body() = body;
  request.prepare_payload();
  error_code error;
  http::write(socket, request, error);
  if (error) return absl::UnavailableError(error.message());

  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.skip(method == "HEAD");
  parser.body_limit(size_t{128} << 20);
  http::read(socket, buffer, parser, error);
  if (error) return absl::UnavailableError(error.message());
  return ToReply(parser.get());
}

absl::StatusOr<std::string> RawExchange(const std::string& address, absl::string_view bytes) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  if (Connect(address, socket)) return absl::UnavailableError(address);
  error_code error;
  // The server may answer and close before it has read everything.
  asio::write(socket, asio::buffer(bytes.data(), bytes.size()), error);
  std::string answer;
  char chunk[4096];
  while (true) {
    const ssize_t size = recv(socket.native_handle(), chunk, sizeof(chunk), 0);
    if (size < 0 && answer.empty()) return absl::DeadlineExceededError("no answer, not closed");
    if (size <= 0) return answer;
    answer.append(chunk, static_cast<size_t>(size));
  }
}

}  // namespace quorumcache::integration
