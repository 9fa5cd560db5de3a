// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/http_session.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace quorumcache::integration {
namespace {

namespace http = boost::beast::http;

std::string RequestText(const std::string& address, const std::string& method,
                        const std::string& target, const std::string& body,
                        const HttpHeaders& headers) {
  std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: ", address, "\r\n");
  for (const auto& [name, value] : headers) absl::StrAppend(&text, name, ": ", value, "\r\n");
  absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n\r\n", body);
  return text;
}

HttpReply ToReply(http::response<http::string_body>& response) {
  HttpReply reply;
  reply.status = static_cast<int>(response.result_int());
  reply.body = std::move(response.body());
  for (const auto& field : response) {
    reply.headers[absl::AsciiStrToLower(std::string(field.name_string()))] =
        std::string(field.value());
  }
  return reply;
}

}  // namespace

HttpSession::~HttpSession() {
  Close();
}

void HttpSession::Close() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
}

bool HttpSession::WaitFor(short events, absl::Time deadline) const {
  const int64_t left_ms = absl::ToInt64Milliseconds(deadline - absl::Now());
  pollfd waited{socket_, events, 0};
  return left_ms > 0 && poll(&waited, 1, static_cast<int>(left_ms)) == 1;
}

bool HttpSession::IsStale() const {
  pollfd waited{socket_, POLLIN, 0};
  return poll(&waited, 1, 0) != 0;
}

absl::Status HttpSession::Connect(absl::Time deadline) {
  if (socket_ >= 0 && !IsStale()) return absl::OkStatus();
  Close();
  const size_t colon = address_.rfind(':');
  uint32_t port = 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (!absl::SimpleAtoi(address_.substr(colon + 1), &port) ||
      inet_pton(AF_INET, address_.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    return absl::UnavailableError(absl::StrCat(address_, " is not an address"));
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  int error = 0;
  socklen_t size = sizeof(error);
  const bool stands = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  if (stands) return absl::OkStatus();
  if (errno == EINPROGRESS && WaitFor(POLLOUT, deadline) &&
      getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
    return absl::OkStatus();
  }
  Close();
  return absl::UnavailableError(absl::StrCat("cannot connect to ", address_));
}

absl::Status HttpSession::Send(const std::string& bytes, absl::Time deadline) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t size = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size >= 0) {
      sent += static_cast<size_t>(size);
    } else if (errno != EAGAIN) {
      return absl::AbortedError("the connection broke");
    } else if (!WaitFor(POLLOUT, deadline)) {
      return absl::DeadlineExceededError("not sent in time");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<HttpReply> HttpSession::Receive(bool has_no_body, absl::Time deadline) {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.skip(has_no_body);
  boost::beast::flat_buffer buffer;
  while (!parser.is_done()) {
    if (!WaitFor(POLLIN, deadline)) return absl::DeadlineExceededError("no answer in time");
    const auto space = buffer.prepare(16 << 10);
    const ssize_t size = recv(socket_, space.data(), space.size(), 0);
    if (size <= 0) return absl::AbortedError("the connection broke");
    buffer.commit(static_cast<size_t>(size));
    boost::system::error_code error;
    buffer.consume(parser.put(buffer.data(), error));
    if (error && error != http::error::need_more) return absl::AbortedError(error.message());
  }
  HttpReply reply = ToReply(parser.get());
  if (!parser.get().keep_alive()) Close();
  return reply;
}

absl::StatusOr<HttpReply> HttpSession::Call(const std::string& method, const std::string& target,
                                            const std::string& body, const HttpHeaders& headers,
                                            absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  QC_RETURN_IF_ERROR(Connect(deadline));
  const absl::Status sent = Send(RequestText(address_, method, target, body, headers), deadline);
  absl::StatusOr<HttpReply> reply =
      sent.ok() ? Receive(method == "HEAD", deadline) : absl::StatusOr<HttpReply>(sent);
  // An answer that comes too late must not be taken for that of the next request.
  if (!reply.ok()) Close();
  return reply;
}

}  // namespace quorumcache::integration
