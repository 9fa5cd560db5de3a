// SPDX-License-Identifier: Apache-2.0
#include "tests/common/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace quorumcache::http {
namespace {

constexpr time_t kWaitSecondsMax = 10;

}  // namespace

RawClient::RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval wait = {.tv_sec = kWaitSecondsMax, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0)
      << "nobody listens on port " << port;
}

RawClient::~RawClient() {
  ::close(socket_);
}

bool RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::ShutdownWrite() {
  ::shutdown(socket_, SHUT_WR);
}

std::optional<RawResponse> RawClient::Ask(absl::string_view request) {
  // A server that refuses a request may close before it has taken all of it; the answer counts.
  Send(request);
  return Read();
}

bool RawClient::Fill() {
  char bytes[16 * 1024];
  const ssize_t size = ::recv(socket_, bytes, sizeof(bytes), 0);
  if (size <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(size));
  return true;
}

std::optional<std::string> RawClient::TakeLine() {
  size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

bool RawClient::TakeBytes(size_t size, std::string* bytes) {
  while (buffer_.size() < size) {
    if (!Fill()) return false;
  }
  bytes->append(buffer_, 0, size);
  buffer_.erase(0, size);
  return true;
}

bool RawClient::TakeChunks(std::string* body) {
  for (;;) {
    const std::optional<std::string> line = TakeLine();
    uint64_t size = 0;
    if (!line.has_value() || !absl::SimpleHexAtoi(*line, &size)) return false;
    if (!TakeBytes(size, body)) return false;
    const std::optional<std::string> end = TakeLine();
    if (!end.has_value() || !end->empty()) return false;
    if (size == 0) return true;
  }
}

std::optional<RawResponse> RawClient::ReadHead() {
  std::optional<std::string> line = TakeLine();
  if (!line.has_value()) return std::nullopt;
  RawResponse response;
  const std::vector<std::string> parts = absl::StrSplit(*line, absl::MaxSplits(' ', 2));
  if (parts.size() != 3 || parts[0] != "HTTP/1.1" ||
      !absl::SimpleAtoi(parts[1], &response.status)) {
    ADD_FAILURE() << "not a status line: " << *line;
    return std::nullopt;
  }
  while ((line = TakeLine()).has_value() && !line->empty()) {
    const std::pair<std::string, std::string> field =
        absl::StrSplit(*line, absl::MaxSplits(": ", 1));
    const std::string name = absl::AsciiStrToLower(field.first);
    EXPECT_FALSE(response.headers.contains(name)) << "two fields " << name;
    response.headers[name] = field.second;
  }
  if (!line.has_value()) return std::nullopt;
  return response;
}

std::optional<RawResponse> RawClient::Read(bool to_head, bool keep_interim) {
  std::optional<RawResponse> response = ReadHead();
  while (response.has_value() && response->status == 100 && !keep_interim) response = ReadHead();
  if (!response.has_value() || to_head || response->status == 100) return response;
  const auto length = response->headers.find("content-length");
  size_t size = 0;
  if (response->headers.contains("transfer-encoding")) {
    if (!TakeChunks(&response->body)) return std::nullopt;
  } else if (length != response->headers.end() && absl::SimpleAtoi(length->second, &size)) {
    if (!TakeBytes(size, &response->body)) return std::nullopt;
  }
  return response;
}

bool RawClient::ReadUntil(absl::string_view text) {
  while (!absl::StrContains(buffer_, text)) {
    if (!Fill()) return false;
  }
  buffer_.erase(0, buffer_.find(text.data(), 0, text.size()) + text.size());
  return true;
}

bool RawClient::WaitForClose() {
  char bytes[16 * 1024];
  ssize_t size;
  while ((size = ::recv(socket_, bytes, sizeof(bytes), 0)) > 0) {
  }
  return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace quorumcache::http
