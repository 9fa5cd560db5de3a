// SPDX-License-Identifier: Apache-2.0
#include "common/http/connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::http {
namespace {

// A head fits into one read as a rule; bodies come faster in larger ones.
constexpr size_t kHeadReadBytes = 4 * 1024;
constexpr size_t kBodyReadBytes = 64 * 1024;
// What a client may send while it reads a stream; it has no business sending anything.
constexpr size_t kStreamInputBytesMax = 16 * 1024;

// At shutdown, for the first request of a connection that has just come: proxies connect in order
// to send.
constexpr absl::Duration kFirstRequestGrace = absl::Milliseconds(500);

std::string PeerName(const boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  return absl::StrCat(endpoint.address().to_string(), ":", endpoint.port());
}

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, boost::asio::ip::tcp::socket socket,
                       ConnectionPermit permit)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      permit_(std::move(permit)),
      peer_(PeerName(socket_)) {}

void Connection::Start() {
  boost::system::error_code ignored;
  // Answers are written whole: waiting for more (Nagle) only adds delay.
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  NextRequest();
  if (permit_.rank() > loop_->context().options().connection_count_max) {
    Refuse({.status = 503,
            .code = "TOO_MANY_CONNECTIONS",
            .detail = absl::StrCat("all ", loop_->context().options().connection_count_max,
                                   " connections are in use; retry later")});
    return;
  }
  Advance();
}

void Connection::NextRequest() {
  const ServerOptions& options = loop_->context().options();
  parser_.emplace(HeaderCheck::Limits{.header_bytes_max = options.header_bytes_max,
                                      .target_bytes_max = options.target_bytes_max});
  route_ = nullptr;
  head_request_ = false;
  request_id_ = "";
  state_ = State::kIdle;
  SetDeadline(options.idle_timeout);
  // A large body must not keep its buffer through the idle time.
  if (buffer_.size() == 0 && buffer_.capacity() > kBodyReadBytes) buffer_.shrink_to_fit();
}

absl::string_view Connection::unread() const {
  return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
}

void Connection::Advance() {
  // RFC 9112, section 2.2: an empty line before a request is skipped; old clients send one after a
  // body.
  if (state_ == State::kIdle && absl::StartsWith(unread(), "\r\n")) buffer_.consume(2);
  if (unread().empty() || unread() == "\r") return Read();
  if (state_ == State::kIdle) {
    state_ = State::kHead;
    SetDeadline(loop_->context().options().header_timeout);
  }
  size_t consumed = 0;
  if (std::optional<RequestError> error = parser_->FeedHead(unread(), &consumed)) {
    return Refuse(*error);
  }
  if (!parser_->head_done()) return Read();
  buffer_.consume(consumed);
  OnHead();
}

void Connection::OnHead() {
  HttpRequest& request = parser_->request();
  request_id_ = loop_->context().RequestId(request.headers.Find("X-Request-Id").value_or(""));
  request.request_id = request_id_;
  request.peer = peer_;
  head_request_ = request.method == "HEAD";
  RouteMatch match = loop_->context().router().Match(request.method, request.path);
  if (match.route == nullptr) return RefuseRoute(match);
  route_ = match.route;
  request.path_params = std::move(match.path_params);
  if (std::optional<RequestError> error = parser_->LimitBody(route_->body_bytes_max)) {
    return Refuse(*error);
  }
  if (parser_->done()) return Dispatch();

  state_ = State::kBody;
  body_start_ = std::chrono::steady_clock::now();
  SetTransferDeadline(body_start_, loop_->context().options().body_timeout, 0);
  if (parser_->expects_continue() && unread().empty()) return WriteContinue();
  AdvanceBody();
}

void Connection::AdvanceBody() {
  size_t consumed = 0;
  std::optional<RequestError> error = parser_->FeedBody(unread(), &consumed);
  buffer_.consume(consumed);
  if (!error.has_value()) error = ChargeBody();
  if (error.has_value()) return Refuse(*error);
  if (parser_->done()) return Dispatch();
  SetTransferDeadline(body_start_, loop_->context().options().body_timeout, body_bytes_charged_);
  Read();
}

std::optional<RequestError> Connection::ChargeBody() {
  std::atomic<size_t>& total = loop_->context().body_bytes();
  const size_t grown = parser_->request().body.size() - body_bytes_charged_;
  body_bytes_charged_ += grown;
  if (total.fetch_add(grown) + grown <= loop_->context().options().bodies_bytes_max) {
    return std::nullopt;
  }
  return RequestError{.status = 503,
                      .code = "OVERLOADED",
                      .detail = "the server holds as many request bodies as it can; retry later"};
}

void Connection::ReleaseBody() {
  loop_->context().body_bytes() -= std::exchange(body_bytes_charged_, 0);
}

void Connection::Dispatch() {
  state_ = State::kHandling;
  // The handler has a deadline of its own, and answers or drops the request in any case.
  deadline_ = Loop::SteadyTime::max();
  route_->handler(std::move(parser_->request()), Responder(shared_from_this(), request_id_));
}

void Connection::Read() {
  if (reading_) return;
  reading_ = true;
  socket_.async_read_some(
      buffer_.prepare(state_ == State::kBody ? kBodyReadBytes : kHeadReadBytes),
      [self = shared_from_this()](const boost::system::error_code& error, size_t size) {
        self->reading_ = false;
        self->OnRead(error, size);
      });
}

void Connection::OnRead(const boost::system::error_code& error, size_t size) {
  if (state_ == State::kClosed) return;
  if (error) return OnReadFailed(error);
  buffer_.commit(size);
  switch (state_) {
    case State::kIdle:
    case State::kHead:
      return Advance();
    case State::kBody:
      return AdvanceBody();
    case State::kLingering:
      buffer_.consume(buffer_.size());
      return Read();
    case State::kStreaming:
      if (buffer_.size() < kStreamInputBytesMax) Read();
      return;
    default:
      return;
  }
}

void Connection::OnReadFailed(const boost::system::error_code& error) {
  const bool in_request = state_ == State::kHead || state_ == State::kBody;
  if (in_request && timed_out_) {
    timed_out_ = false;
    return Refuse({.status = 408,
                   .code = "REQUEST_TIMEOUT",
                   .detail = "the request did not arrive in time; nothing was done with it"});
  }
  if (in_request && error == boost::asio::error::eof) {
    return Refuse({.status = 400,
                   .code = "HTTP_MALFORMED",
                   .detail = "the request ends before it is complete; nothing was done with it"});
  }
  Close();
}

void Connection::OnDeadline() {
  if (state_ != State::kHead && state_ != State::kBody) return Close();
  // The pending read ends, and OnReadFailed answers.
  timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::OnDrain() {
  if (state_ == State::kStreaming) return Close();
  if (state_ != State::kIdle) return;
  if (is_fresh_) return SetDeadline(kFirstRequestGrace);
  // Read when the loop comes to it; closing now would reset it.
  boost::system::error_code error;
  if (socket_.available(error) == 0 || error) Close();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  const std::shared_ptr<Connection> self = shared_from_this();
  state_ = State::kClosed;
  ReleaseBody();
  boost::system::error_code ignored;
  socket_.close(ignored);
  loop_->Remove(self);
  if (const auto stream = std::exchange(stream_, nullptr)) stream->MarkClosed();
}

void Connection::SetDeadline(absl::Duration timeout) {
  deadline_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
}

void Connection::SetTransferDeadline(Loop::SteadyTime start, absl::Duration timeout, size_t bytes) {
  const absl::Duration earned =
      absl::Seconds(static_cast<double>(bytes) / limits::kHttpTransferBytesPerSecondMin);
  SetDeadline(timeout);
  deadline_ = std::min(deadline_, start + absl::ToChronoNanoseconds(timeout + earned));
}

}  // namespace quorumcache::http
