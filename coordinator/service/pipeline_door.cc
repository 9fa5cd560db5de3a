// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/pipeline_door.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "common/rpc/inflight_table.h"
#include "coordinator/service/cache_messages.h"
#include "coordinator/service/call_deadline.h"
#include "coordinator/service/door_limits.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/grpc_errors.h"
#include "coordinator/service/pipeline_replies.h"
#include "coordinator/service/response_sink.h"
#include "coordinator/service/stream_call.h"

namespace quorumcache::service {

// One stream: waiting -> open -> (client done, broken or door closed) -> finishing -> deleted.
class PipelineDoor::Session final : private StreamCall,
                                    private ResponseSink,
                                    private rpc::Flushable {
 public:
  explicit Session(PipelineDoor& door) : door_(door) {
    Launch();
    door_.service_.RequestPipeline(&context_, &stream_, &door_.queue_, &door_.queue_,
                                   on_accepted_.tag());
  }
  ~Session() override { door_.sessions_.erase(this); }

  // Ends the stream when what is under way has been answered.
  void Close() {
    if (open_) FinishIfIdle();
  }

 private:
  struct Operation {
    uint64_t id = 0;
    OperationKind kind = OperationKind::kGet;
  };

  void OnAccepted(bool ok) {
    if (!ok) {
      // The server is shutting down and nobody came.
      MarkOver();
      (void)Land();
      return;
    }
    open_ = true;
    door_.counters_.Started();
    door_.Accept();
    if (!Land()) return;
    ReadMore();
    FinishIfIdle();  // where the door is closing
  }

  void ReadMore() {
    const bool over = reads_done_ || finishing_ || door_.closing_ || door_.loop_.drained();
    const bool full = operations_.size() >= kPipelineOperationsMax ||
                      replies_.size_bytes() >= kPipelineReplyBytesMax;
    if (reading_ || over || full) return;
    reading_ = true;
    request_.Renew();
    Launch();
    stream_.Read(&*request_, on_read_.tag());
  }

  void OnRead(bool ok) {
    reading_ = false;
    if (ok) {
      ExecuteAll();
    } else {
      reads_done_ = true;
    }
    if (!Land()) return;
    ReadMore();
    FinishIfIdle();
  }

  void ExecuteAll() {
    const absl::Duration time_left = TimeLeft(context_);
    for (v1::PipelineOperation& operation : *request_->mutable_operations()) {
      Execute(operation, time_left);
    }
  }

  void Execute(v1::PipelineOperation& operation, absl::Duration time_left) {
    CacheRequest request;
    request.timeout = time_left;
    const uint64_t id = operation.id();
    if (TakeRequest(operation, request)) {
      const uint64_t cookie = operations_.Add(Operation{id, request.kind});
      door_.backend_.Execute(std::move(request), *this, cookie);
      return;
    }
    CacheResponse refused;
    refused.error = InvalidArgument(
        "OPERATION_MISSING", "the pipeline operation names no operation that this server knows");
    Reply(id, OperationKind::kGet, std::move(refused));
  }

  void OnResponse(uint64_t cookie, CacheResponse&& response) override {
    Operation operation;
    const bool found = operations_.Take(cookie, &operation);
    QC_CHECK(found);
    Reply(operation.id, operation.kind, std::move(response));
  }

  Caller CallerOf(uint64_t) override { return {.peer = context_.peer()}; }

  void Reply(uint64_t id, OperationKind kind, CacheResponse&& response) {
    if (!broken_) replies_.Add(id, kind, std::move(response));
    door_.loop_.MarkDirty(*this);
  }

  void Flush() override {
    if (!writing_ && !broken_ && !finishing_ && !replies_.empty()) {
      writing_ = true;
      Launch();
      stream_.Write(replies_.front(), on_written_.tag());
      replies_.Pop();
    }
    ReadMore();
    FinishIfIdle();
  }

  void OnWritten(bool ok) {
    writing_ = false;
    if (!ok) {
      broken_ = true;
      replies_.Clear();
    }
    if (!Land()) return;
    door_.loop_.MarkDirty(*this);
  }

  // Nothing is owed to the client and nothing more will come from it.
  void FinishIfIdle() {
    const bool owes = operations_.size() > 0 || writing_ || (!broken_ && !replies_.empty());
    const bool ended = reads_done_ || broken_ || door_.closing_;
    // A session that the end of the loop catches here is the door's to delete.
    if (!open_ || finishing_ || owes || !ended || door_.loop_.drained()) return;
    finishing_ = true;
    const bool ours = door_.closing_ && !reads_done_;
    const grpc::Status status = ours ? ToGrpcStatus(ShuttingDownError()) : grpc::Status::OK;
    door_.counters_.Handled(static_cast<absl::StatusCode>(status.error_code()));
    Launch();
    stream_.Finish(status, on_finished_.tag());
  }

  void OnFinished(bool ok) {
    MarkOver();
    (void)Land();
  }

  PipelineDoor& door_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<v1::PipelineResponse, v1::PipelineRequest> stream_{&context_};
  ArenaMessage<v1::PipelineRequest> request_;
  PipelineReplies replies_;
  rpc::InflightTable<Operation> operations_;
  bool open_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool reads_done_ = false;
  bool broken_ = false;
  bool finishing_ = false;

  rpc::MemberTag<Session, &Session::OnAccepted> on_accepted_{this};
  rpc::MemberTag<Session, &Session::OnRead> on_read_{this};
  rpc::MemberTag<Session, &Session::OnWritten> on_written_{this};
  rpc::MemberTag<Session, &Session::OnFinished> on_finished_{this};
};

PipelineDoor::PipelineDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                           v1::CacheService::AsyncService& service, CoreBackend& backend,
                           metrics::Registry& registry)
    : loop_(loop),
      queue_(queue),
      service_(service),
      backend_(backend),
      counters_(registry, {v1::CacheService::service_full_name(), "Pipeline", "bidi_stream"}) {}

PipelineDoor::~PipelineDoor() {
  // Sessions whose last event the loop did not live to see. Each erases itself.
  while (!sessions_.empty()) delete *sessions_.begin();
}

void PipelineDoor::Start() {
  Accept();
}

void PipelineDoor::Close() {
  closing_ = true;
  // A copy: a session may end, and erase itself, within Close.
  const std::vector<Session*> sessions(sessions_.begin(), sessions_.end());
  for (Session* session : sessions) session->Close();
}

// Also while closing: a stream that slips in is told so, where gRPC would only cancel it.
void PipelineDoor::Accept() {
  if (loop_.drained()) return;
  sessions_.insert(new Session(*this));
}

}  // namespace quorumcache::service
