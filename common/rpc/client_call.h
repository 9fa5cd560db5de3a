// SPDX-License-Identifier: Apache-2.0
// StartClientCall: one unary call on an event loop, for what is not on the hot path (scans, admin).
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/grpc_status.h"

namespace quorumcache::rpc {

// Calls `prepare(context, queue)`, which returns stub.PrepareAsyncX(context, request, queue), and
// later `done(status, response)` on the loop's thread, exactly once, at the latest when the loop
// drains.
template <typename Response, typename Prepare>
void StartClientCall(EventLoop& loop, absl::Duration timeout, Prepare prepare,
                     std::function<void(const absl::Status&, Response&)> done) {
  class Call final : public Tag {
   public:
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
    Response response;
    grpc::Status status;
    std::function<void(const absl::Status&, Response&)> done;

    void OnEvent(bool ok) override {
      const std::unique_ptr<Call> self(this);
      done(FromGrpcStatus(status), response);
    }
  };
  auto* call = new Call;  // deletes itself in OnEvent
  call->done = std::move(done);
  call->context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  call->reader = prepare(&call->context, loop.queue());
  call->reader->StartCall();
  call->reader->Finish(&call->response, &call->status, static_cast<Tag*>(call));
}

}  // namespace quorumcache::rpc
