// SPDX-License-Identifier: Apache-2.0
// The answering half of Connection.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/http/connection.h"

namespace quorumcache::http {

void Connection::Answer(HttpResponse response) {
  loop_->Post([self = shared_from_this(), response = std::move(response)]() mutable {
    if (self->state_ == State::kHandling) self->WriteResponse(std::move(response));
  });
}

void Connection::AnswerFrom(std::function<HttpResponse()> make) {
  loop_->Post([self = shared_from_this(), make = std::move(make)] {
    if (self->state_ == State::kHandling) self->WriteResponse(make());
  });
}

void Connection::BeginStream(HttpResponse head, std::shared_ptr<StreamQueue> queue) {
  const bool posted =
      loop_->Post([self = shared_from_this(), head = std::move(head), queue]() mutable {
        if (self->state_ == State::kHandling)
          return self->StartStream(std::move(head), std::move(queue));
        queue->MarkClosed();
      });
  if (!posted) queue->MarkClosed();
}

void Connection::WakeStream() {
  loop_->Post([self = shared_from_this()] { self->FlushStream(); });
}

void Connection::Refuse(const RequestError& error) {
  if (request_id_.empty()) request_id_ = loop_->context().RequestId("");
  Problem problem{.status = error.status, .code = error.code, .detail = error.detail};
  problem.retryable = error.status == 503 || error.status == 408;
  if (error.status == 503) problem.retry_after = absl::Seconds(1);
  HttpResponse response = ProblemResponse(problem, request_id_);
  response.close = true;
  WriteResponse(std::move(response));
}

void Connection::RefuseRoute(const RouteMatch& match) {
  const char* code = match.status == 404   ? "ROUTE_NOT_FOUND"
                     : match.status == 405 ? "METHOD_NOT_ALLOWED"
                                           : "BAD_ENCODING";
  HttpResponse response =
      ProblemResponse({.status = match.status, .code = code, .detail = match.detail}, request_id_);
  if (match.status == 405) response.headers.Set("Allow", match.allow);
  WriteResponse(std::move(response));
}

void Connection::WriteContinue() {
  state_ = State::kContinue;
  output_ = {"HTTP/1.1 100 Continue\r\n\r\n", ""};
  BeginWrite();
}

void Connection::WriteResponse(HttpResponse response) {
  // A body that was not read to its end cannot be told from a next request.
  keep_alive_ = parser_->head_done() && parser_->done() && parser_->keep_alive() &&
                !response.close && !loop_->draining() && !loop_->context().stopping_soon();
  const ResponseHeadOptions options = {.http11 = !parser_->head_done() || parser_->http11(),
                                       .keep_alive = keep_alive_,
                                       .date = loop_->date(),
                                       .request_id = request_id_};
  output_[0] = ResponseHead(response, options);
  const bool has_body = !head_request_ && StatusHasBody(response.status);
  output_[1] = has_body ? std::move(response.body) : "";
  state_ = State::kWriting;
  BeginWrite();
}

void Connection::StartStream(HttpResponse head, std::shared_ptr<StreamQueue> queue) {
  if (head_request_ || loop_->draining()) {
    queue->MarkClosed();
    head.close = true;
    head.body.clear();
    return WriteResponse(std::move(head));
  }
  stream_ = std::move(queue);
  stream_chunked_ = parser_->http11();
  output_ = {ResponseHead(head, {.http11 = parser_->http11(),
                                 .keep_alive = false,
                                 .framing = stream_chunked_ ? BodyFraming::kChunked
                                                            : BodyFraming::kUntilClose,
                                 .date = loop_->date(),
                                 .request_id = request_id_}),
             ""};
  state_ = State::kStreaming;
  stream_writing_ = true;
  BeginWrite();
  // Nothing is expected, but this is how a client that has gone away is noticed.
  Read();
}

void Connection::FlushStream() {
  if (state_ != State::kStreaming || stream_writing_) return;
  std::string bytes;
  const bool more_may_come = stream_->Take(&bytes);
  if (bytes.empty()) {
    if (more_may_come) return;
    stream_ = nullptr;
    keep_alive_ = false;
    state_ = State::kWriting;
    output_ = {stream_chunked_ ? "0\r\n\r\n" : "", ""};
    return BeginWrite();
  }
  stream_writing_ = true;
  if (stream_chunked_) {
    output_[0] = absl::StrCat(absl::Hex(bytes.size()), "\r\n");
    bytes.append("\r\n");
  } else {
    output_[0].clear();
  }
  output_[1] = std::move(bytes);
  BeginWrite();
}

void Connection::BeginWrite() {
  output_bytes_written_ = 0;
  write_start_ = std::chrono::steady_clock::now();
  SetTransferDeadline(write_start_, loop_->context().options().write_timeout, 0);
  WriteSome();
}

void Connection::WriteSome() {
  std::array<boost::asio::const_buffer, 2> rest;
  size_t skip = output_bytes_written_;
  for (size_t i = 0; i < rest.size(); ++i) {
    rest[i] = boost::asio::buffer(output_[i]) + skip;
    skip -= std::min(skip, output_[i].size());
  }
  socket_.async_write_some(
      rest, [self = shared_from_this()](const boost::system::error_code& error, size_t size) {
        self->OnWritten(error, size);
      });
}

void Connection::OnWritten(const boost::system::error_code& error, size_t size) {
  if (state_ == State::kClosed) return;
  if (error) return Close();
  output_bytes_written_ += size;
  if (output_bytes_written_ < output_[0].size() + output_[1].size()) {
    SetTransferDeadline(write_start_, loop_->context().options().write_timeout,
                        output_bytes_written_);
    return WriteSome();
  }
  output_ = {};
  AfterWrite();
}

void Connection::AfterWrite() {
  switch (state_) {
    case State::kContinue:
      state_ = State::kBody;
      SetTransferDeadline(body_start_, loop_->context().options().body_timeout, 0);
      return Read();
    case State::kStreaming:
      stream_writing_ = false;
      deadline_ = Loop::SteadyTime::max();
      return FlushStream();
    default:
      break;
  }
  ReleaseBody();
  is_fresh_ = false;
  if (keep_alive_) {
    NextRequest();
    return Advance();
  }
  const bool client_asked = parser_->head_done() && parser_->done() && !parser_->keep_alive();
  if (client_asked && !reading_) return Close();
  Linger();
}

void Connection::Linger() {
  state_ = State::kLingering;
  SetDeadline(loop_->context().options().linger_timeout);
  boost::system::error_code error;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
  if (error) return Close();
  buffer_.consume(buffer_.size());
  Read();
}

}  // namespace quorumcache::http
