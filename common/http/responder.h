// SPDX-License-Identifier: Apache-2.0
// Responder: how a handler answers, at once or later, from any thread.
#pragma once

#include <functional>
#include <memory>

#include "common/http/message.h"
#include "common/http/stream_queue.h"

namespace quorumcache::http {

// What stands behind a Responder: a connection, or a test's recorder. Thread-safe; does not block.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  // One of these three, once.
  virtual void Answer(HttpResponse response) = 0;
  virtual void AnswerFrom(std::function<HttpResponse()> make) = 0;
  virtual void BeginStream(HttpResponse head, std::shared_ptr<StreamQueue> queue) = 0;
  // The queue of the stream has changed.
  virtual void WakeStream() = 0;
};

// The writing end of a streamed answer (server-sent events). Copies share one stream; when the last
// is gone, the stream ends. Thread-safe.
class ResponseStream {
 public:
  ResponseStream(std::shared_ptr<ResponseSink> sink, std::shared_ptr<StreamQueue> queue);

  // Queues `chunk`. kFull: the client reads too slowly, nothing was queued; drop it or Finish().
  // kClosed: the client is gone or the server stops.
  StreamQueue::PushResult Write(absl::string_view chunk);
  // Ends the answer, after what is queued. Later writes are kClosed.
  void Finish();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

// Exactly one answer to one request. Copies share that one answer, so that a Responder fits into a
// std::function; dropped without an answer, it sends 500 (HANDLER_DROPPED_REQUEST). Thread-safe.
class Responder {
 public:
  Responder(std::shared_ptr<ResponseSink> sink, std::string request_id);

  // A second answer is a bug in the handler and stops the process. An answer to a client that is
  // gone is thrown away.
  void Send(HttpResponse response) const;
  // Sends what `make` returns, which runs on the server's thread: for answers that are too much
  // work for the caller's. Not run when the client is gone.
  void SendFrom(std::function<HttpResponse()> make) const;
  // Sends `head` (its body is ignored) and goes on with what is written to the stream. `on_closed`
  // is called once, on the server's thread, when the client is gone, reads too slowly, or the
  // server stops; not after Finish().
  ResponseStream StartStream(HttpResponse head, std::function<void()> on_closed) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;
};

}  // namespace quorumcache::http
