// SPDX-License-Identifier: Apache-2.0
// UnaryDoor: the server side of one unary method on an event loop, with recycled calls.
//
//   class GetDoor : public UnaryDoor<GetRequest, GetResponse>::Handler { void OnCall(Call& call)
//   override; }; UnaryDoor<GetRequest, GetResponse> get(queue, service, &AsyncService::RequestGet,
//   handler); get.Start(64);
//
// A call object holds the request, the response and gRPC's per-call state; after Finish it is
// cleared and used for the next call, so that a steady load allocates only what gRPC does itself.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/rpc/event_loop.h"

namespace quorumcache::rpc {

// Thread-compatible: everything on the loop's thread. Destroy after the loop was drained.
template <typename Request, typename Response>
class UnaryDoor {
 public:
  class Call final : public Tag {
   public:
    Request& request() { return request_; }
    Response& response() { return response_; }
    grpc::ServerContext& context() { return *context_; }

    // Sends response() with OK, or an error. Once for each OnCall, now or later.
    void Finish(const grpc::Status& status) {
      QC_CHECK(state_ == State::kServing);
      state_ = State::kFinishing;
      if (status.ok()) {
        writer_->Finish(response_, status, static_cast<Tag*>(this));
      } else {
        writer_->FinishWithError(status, static_cast<Tag*>(this));
      }
    }

   private:
    friend class UnaryDoor;
    enum class State { kIdle, kWaiting, kServing, kFinishing };
    explicit Call(UnaryDoor* door) : door_(door) {}

    void Arm() {
      context_.emplace();
      writer_.emplace(&*context_);
      state_ = State::kWaiting;
      door_->request_(&*context_, &request_, &*writer_, static_cast<Tag*>(this));
    }

    void OnEvent(bool ok) override {
      if (state_ == State::kFinishing || !ok) {
        Recycle();
        return;
      }
      state_ = State::kServing;
      door_->ArmAnother();
      door_->handler_.OnCall(*this);
    }

    void Recycle() {
      writer_.reset();
      context_.reset();
      request_.Clear();
      response_.Clear();
      state_ = State::kIdle;
      door_->idle_.push_back(this);
    }

    UnaryDoor* door_;
    State state_ = State::kIdle;
    Request request_;
    Response response_;
    std::optional<grpc::ServerContext> context_;
    std::optional<grpc::ServerAsyncResponseWriter<Response>> writer_;
  };

  class Handler {
   public:
    // One request has come; Finish `call` exactly once, also at shutdown.
    virtual void OnCall(Call& call) = 0;

   protected:
    ~Handler() = default;
  };

  // `method` is a generated AsyncService::Request...; `service` and `handler` outlive the door.
  template <typename Service, typename Base>
  UnaryDoor(grpc::ServerCompletionQueue& queue, Service& service,
            void (Base::*method)(grpc::ServerContext*, Request*,
                                 grpc::ServerAsyncResponseWriter<Response>*, grpc::CompletionQueue*,
                                 grpc::ServerCompletionQueue*, void*),
            Handler& handler)
      : handler_(handler),
        request_([&queue, &service, method](grpc::ServerContext* context, Request* request,
                                            grpc::ServerAsyncResponseWriter<Response>* writer,
                                            void* tag) {
          (service.*method)(context, request, writer, &queue, &queue, tag);
        }) {}
  UnaryDoor(const UnaryDoor&) = delete;
  UnaryDoor& operator=(const UnaryDoor&) = delete;

  // Lets `waiting` calls wait for requests at any time; a request that finds none waiting queues in
  // gRPC.
  void Start(int waiting) {
    for (int i = 0; i < waiting; ++i) ArmAnother();
  }
  // Arms no more calls; those that wait come back when the server shuts down.
  void Close() { closed_ = true; }

 private:
  void ArmAnother() {
    if (closed_) return;
    if (idle_.empty()) {
      calls_.push_back(std::unique_ptr<Call>(new Call(this)));
      idle_.push_back(calls_.back().get());
    }
    Call* call = idle_.back();
    idle_.pop_back();
    call->Arm();
  }

  Handler& handler_;
  std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                     void*)>
      request_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> idle_;
  bool closed_ = false;
};

}  // namespace quorumcache::rpc
