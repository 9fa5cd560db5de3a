// SPDX-License-Identifier: Apache-2.0
// Connection: one client's TCP connection, from accept to close.
//
//            +------------------------- next request --------------------------+
//            v                                                                 |
//   kIdle -> kHead -> kBody <-> kContinue   (body) -> kHandling -> kWriting ---+--> kLingering ->
//   kClosed
//              |        |                                 |            ^
//              +--------+--- refused (4xx, 5xx) ----------|------------+
//                                                         +-> kStreaming ---------------------->
//                                                         kClosed
//
// One request at a time: pipelined ones wait in the buffer, so answers are in order and a client
// that does not read its answers is not read from either. Reading stops while a handler works.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/http/loop.h"
#include "common/http/problem.h"
#include "common/http/request_parser.h"
#include "common/http/responder.h"
#include "common/http/response_head.h"

namespace quorumcache::http {

// Lives in its loop's set until closed, and then as long as a Responder or a pending callback holds
// it. Belongs to the loop's thread, except for the calls of ResponseSink.
class Connection final : public ResponseSink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Loop> loop, boost::asio::ip::tcp::socket socket,
             ConnectionPermit permit);

  // Begins to read; or, above the limit of connections, answers 503 and closes.
  void Start();
  // When OnDeadline() is due; max() while a handler works.
  Loop::SteadyTime deadline() const { return deadline_; }
  void OnDeadline();
  // The server stops: closes at once if streaming, or idle with no request in sight; otherwise
  // after the answer.
  void OnDrain();
  // May be repeated.
  void Close();

  // ResponseSink; from any thread.
  void Answer(HttpResponse response) override;
  void AnswerFrom(std::function<HttpResponse()> make) override;
  void BeginStream(HttpResponse head, std::shared_ptr<StreamQueue> queue) override;
  void WakeStream() override;

 private:
  enum class State : uint8_t {
    kIdle,
    kHead,
    kBody,
    kContinue,
    kHandling,
    kWriting,
    kStreaming,
    kLingering,
    kClosed,
  };

  // connection.cc: input.
  void NextRequest();
  void Advance();
  void AdvanceBody();
  void OnHead();
  void Dispatch();
  void Read();
  void OnRead(const boost::system::error_code& error, size_t size);
  void OnReadFailed(const boost::system::error_code& error);
  std::optional<RequestError> ChargeBody();
  absl::string_view unread() const;

  // connection_output.cc: output.
  void Refuse(const RequestError& error);
  void RefuseRoute(const RouteMatch& match);
  void WriteContinue();
  void WriteResponse(HttpResponse response);
  void StartStream(HttpResponse head, std::shared_ptr<StreamQueue> queue);
  void FlushStream();
  void BeginWrite();
  void WriteSome();
  void OnWritten(const boost::system::error_code& error, size_t size);
  void AfterWrite();
  void Linger();

  // Sets the deadline of a transfer that has just moved on, `bytes` since `start`: `timeout` from
  // now, against peers that stall, and `timeout` plus the time that `bytes` may take since `start`,
  // against those that drip.
  void SetTransferDeadline(Loop::SteadyTime start, absl::Duration timeout, size_t bytes);
  void SetDeadline(absl::Duration timeout);
  void ReleaseBody();

  const std::shared_ptr<Loop> loop_;
  boost::asio::ip::tcp::socket socket_;
  const ConnectionPermit permit_;
  std::string peer_;
  State state_ = State::kIdle;
  Loop::SteadyTime deadline_ = Loop::SteadyTime::max();

  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  const Route* route_ = nullptr;
  std::string request_id_;
  bool head_request_ = false;
  // No request has been answered yet.
  bool is_fresh_ = true;
  bool reading_ = false;
  bool timed_out_ = false;
  Loop::SteadyTime body_start_;
  size_t body_bytes_charged_ = 0;

  std::array<std::string, 2> output_;
  size_t output_bytes_written_ = 0;
  Loop::SteadyTime write_start_;
  bool keep_alive_ = false;
  std::shared_ptr<StreamQueue> stream_;
  // The stream's head or a chunk is being written.
  bool stream_writing_ = false;
  bool stream_chunked_ = false;
};

}  // namespace quorumcache::http
