// SPDX-License-Identifier: Apache-2.0
// BatchStreamServer: a storage node's end of the Exchange streams.
//
// Accepts streams, checks each one's hello, answers pings at once from the loop, and hands every
// batch of requests, still encoded, to the handler. Replies, encoded too, are appended and leave in
// one message when the write under way is done. A peer that does not read its replies is not read
// from.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/channel.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/inflight_table.h"
#include "common/wire/replica_wire.h"
#include "quorumcache/internal/v1/replica.grpc.pb.h"

namespace quorumcache::rpc {

// Exchange as raw bytes (wire::RequestBatchReader reads them), the others as messages.
using ReplicaAsyncService = internal::v1::ReplicaService::WithRawMethod_Exchange<
    internal::v1::ReplicaService::WithAsyncMethod_ScanPartition<
        internal::v1::ReplicaService::WithAsyncMethod_CollectGarbage<
            internal::v1::ReplicaService::Service>>>;

// Thread-compatible: everything on the loop's thread.
class BatchStreamServer {
 public:
  // One stream; ids are not used again.
  using StreamId = uint64_t;

  class Handler {
   public:
    // One message of requests. Each request in it must be answered through Reply.
    virtual void OnBatch(StreamId stream, grpc::ByteBuffer batch) = 0;

   protected:
    ~Handler() = default;
  };

  struct Options {
    // What this node is; a peer of another cluster or protocol version is refused with
    // FAILED_PRECONDITION.
    wire::Hello hello;
    // Replies waiting for a slow peer; above it nothing is read from it.
    size_t reply_bytes_max = size_t{16} << 20;
  };

  // All outlive the server. Register `service` with the grpc::Server, then call Start.
  BatchStreamServer(EventLoop& loop, grpc::ServerCompletionQueue& queue,
                    ReplicaAsyncService& service, Handler& handler, Options options);
  ~BatchStreamServer();

  // Accepts streams from now on.
  void Start();
  // Appends encoded replies (wire::AppendReply) to what the stream sends next. Ignored when the
  // stream is gone.
  void Reply(StreamId stream, absl::string_view replies);
  // Ends one stream with an error, after its pending replies: the peer does not keep to the
  // protocol.
  void End(StreamId stream, const absl::Status& why);
  // Ends every stream with UNAVAILABLE once its pending replies are written; new ones are refused.
  void Close();

  // Thread-safe.
  size_t stream_count() const { return stream_count_.load(std::memory_order_relaxed); }

 private:
  class Session;
  friend class Session;
  void Accept();

  EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  ReplicaAsyncService& service_;
  Handler& handler_;
  const Options options_;
  bool closing_ = false;
  InflightTable<Session*> sessions_;
  std::atomic<size_t> stream_count_{0};
};

}  // namespace quorumcache::rpc
