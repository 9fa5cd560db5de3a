// SPDX-License-Identifier: Apache-2.0
#include "common/http/responder.h"

#include <atomic>
#include <utility>

#include "common/base/check.h"
#include "common/http/problem.h"

namespace quorumcache::http {

struct ResponseStream::Shared {
  std::shared_ptr<ResponseSink> sink;
  std::shared_ptr<StreamQueue> queue;

  void Finish() {
    queue->Finish();
    sink->WakeStream();
  }
  ~Shared() { Finish(); }
};

ResponseStream::ResponseStream(std::shared_ptr<ResponseSink> sink,
                               std::shared_ptr<StreamQueue> queue)
    : shared_(new Shared{std::move(sink), std::move(queue)}) {}

StreamQueue::PushResult ResponseStream::Write(absl::string_view chunk) {
  const StreamQueue::PushResult result = shared_->queue->Push(chunk);
  if (result == StreamQueue::PushResult::kQueued) shared_->sink->WakeStream();
  return result;
}

void ResponseStream::Finish() {
  shared_->Finish();
}

struct Responder::Once {
  std::shared_ptr<ResponseSink> sink;
  std::string request_id;
  std::atomic<bool> answered{false};

  void MarkAnswered() { QC_CHECK(!answered.exchange(true)); }

  ~Once() {
    if (answered.load()) return;
    sink->Answer(ProblemResponse(
        {.status = 500,
         .code = "HANDLER_DROPPED_REQUEST",
         .detail = "the server gave up on this request without an answer; this is a bug or a "
                   "shutdown. Whether a change was made is not known",
         .outcome_unknown = true,
         .retryable = false},
        request_id));
  }
};

Responder::Responder(std::shared_ptr<ResponseSink> sink, std::string request_id)
    : once_(new Once{std::move(sink), std::move(request_id)}) {}

void Responder::Send(HttpResponse response) const {
  once_->MarkAnswered();
  once_->sink->Answer(std::move(response));
}

void Responder::SendFrom(std::function<HttpResponse()> make) const {
  once_->MarkAnswered();
  once_->sink->AnswerFrom(std::move(make));
}

ResponseStream Responder::StartStream(HttpResponse head, std::function<void()> on_closed) const {
  once_->MarkAnswered();
  auto queue = std::make_shared<StreamQueue>(std::move(on_closed));
  once_->sink->BeginStream(std::move(head), queue);
  return ResponseStream(once_->sink, queue);
}

}  // namespace quorumcache::http
