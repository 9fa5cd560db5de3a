// SPDX-License-Identifier: Apache-2.0
// PipelineStream: the inside of Pipeline: one stream at a time, and what becomes of operations when
// it breaks.
//
// An operation is first pending, then (its message is handed to gRPC) sent, then answered. Only
// sent ones are lost with a stream; their ids are all that is remembered of them.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/async_stream.h>

#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "client/endpoints.h"
#include "client/error.h"
#include "client/pipeline.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/rpc/backoff.h"
#include "common/rpc/event_loop.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::client {

// The operating system's clocks; thread-safe.
class SystemClock final : public base::Clock {
 public:
  base::Now Read() const override;
};

// Thread-compatible.
class PipelineStream final : private rpc::Flushable {
 public:
  PipelineStream(PipelineOptions options, PipelineHandler& handler);
  ~PipelineStream();

  v1::PipelineOperation& Add(uint64_t id);
  void Poll(absl::Duration wait);
  size_t outstanding() const {
    return static_cast<size_t>(pending_.operations_size()) + sent_.size();
  }
  uint64_t messages_sent() const { return messages_sent_; }

 private:
  // kClosing: it broke, and its remaining events are awaited.
  enum class State { kClosed, kStarting, kOpen, kClosing };

  void Flush() override;
  // Bounds a message: what is above goes back to pending_, in its order.
  void KeepBackWhatIsTooMuch();
  void Open();
  void OnStarted(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  // Asks for the final status once no other event is due.
  void Break();
  void FinishWhenIdle();
  void FailSent(const Error& error);
  void FailPending(const Error& error);
  void Deliver(uint64_t id, const Error& error);
  void GiveUpIfStalled();

  const PipelineOptions options_;
  PipelineHandler& handler_;
  Endpoints endpoints_;
  size_t endpoint_ = 0;
  const SystemClock clock_{};
  rpc::EventLoop loop_;

  State state_ = State::kClosed;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<v1::CacheService::Stub> stub_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::PipelineRequest, v1::PipelineResponse>> stream_;
  grpc::Status final_status_;
  bool writing_ = false;
  bool reading_ = false;
  bool finishing_ = false;
  // An answer came on this stream.
  bool heard_ = false;

  v1::PipelineRequest pending_;
  v1::PipelineRequest outgoing_;
  v1::PipelineResponse incoming_;
  absl::flat_hash_set<uint64_t> sent_;
  uint64_t messages_sent_ = 0;

  base::Random random_;
  rpc::Backoff backoff_;
  // Streams in a row that ended without an answer.
  size_t failures_in_row_ = 0;
  base::MonotonicTime reopen_at_;
  base::MonotonicTime last_heard_;

  rpc::MemberTag<PipelineStream, &PipelineStream::OnStarted> on_started_{this};
  rpc::MemberTag<PipelineStream, &PipelineStream::OnRead> on_read_{this};
  rpc::MemberTag<PipelineStream, &PipelineStream::OnWritten> on_written_{this};
  rpc::MemberTag<PipelineStream, &PipelineStream::OnFinished> on_finished_{this};
};

}  // namespace quorumcache::client
