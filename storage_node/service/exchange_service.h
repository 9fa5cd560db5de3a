// SPDX-License-Identifier: Apache-2.0
// ExchangeService: the data plane's way through a storage node: streams -> engine thread ->
// streams.
//
// Holds the bounds: what comes while too much is under way is refused at once (kOverloaded), and
// while the node may not serve, with kUnavailable. Neither is executed later.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/limits.h"
#include "common/metrics/series.h"
#include "common/rpc/batch_stream_server.h"
#include "common/rpc/event_loop.h"
#include "storage_node/service/engine_worker.h"

namespace quorumcache::node_service {

struct ExchangeLimits {
  // Messages handed to the engine thread and not answered yet, and their bytes.
  size_t batches_max = 1024;
  size_t bytes_max = limits::kStreamQueueBytesMax;
};

// Thread-compatible: everything on the loop's thread.
class ExchangeService final : public rpc::BatchStreamServer::Handler, private rpc::Flushable {
 public:
  ExchangeService(rpc::EventLoop& loop, const ExchangeLimits& limits)
      : loop_(loop), limits_(limits) {}

  // Once, before the first batch; both outlive the service.
  void Connect(rpc::BatchStreamServer& streams, EngineWorker& worker) {
    streams_ = &streams;
    worker_ = &worker;
  }
  // Whether batches are executed; otherwise they are refused with kUnavailable. Initially not.
  void SetServing(bool serving) { is_serving_ = serving; }

  // Hands over at once what has come in this iteration.
  void HandOver();

  void OnBatch(rpc::BatchStreamServer::StreamId stream, grpc::ByteBuffer batch) override;
  // EngineWorker::OnReplies.
  void OnReplies(std::vector<EncodedReplies>& replies);

  // Batches on their way through the engine thread.
  size_t under_way() const { return under_way_.size(); }
  const metrics::Counter& overloaded() const { return overloaded_; }

 private:
  void Flush() override { HandOver(); }
  void Refuse(rpc::BatchStreamServer::StreamId stream, const grpc::ByteBuffer& batch,
              model::ReplyStatus status, absl::string_view why);

  rpc::EventLoop& loop_;
  const ExchangeLimits limits_;
  rpc::BatchStreamServer* streams_ = nullptr;
  EngineWorker* worker_ = nullptr;
  bool is_serving_ = false;
  // Come in this iteration; handed over at its end.
  std::vector<IncomingBatch> staged_;
  // Sizes of the batches under way; the engine thread answers in this order.
  std::deque<size_t> under_way_;
  size_t bytes_under_way_ = 0;
  metrics::Counter overloaded_;
};

}  // namespace quorumcache::node_service
