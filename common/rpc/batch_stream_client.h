// SPDX-License-Identifier: Apache-2.0
// BatchStreamClient: a coordinator's way to one storage node: one long-lived Exchange stream.
//
// While a write is under way, requests queue; when it is done, all that queued leaves in one
// message. A request is sent at most once and never again, so that NotExecuted() statuses are
// certain:
//   not connected, or broken before it left  -> kNotSent      queue full -> kOverloaded
//   broken after it may have left            -> kLost
// The connection is made again for ever, with backoff. A peer that says nothing while it owes
// something (a reply, or the answer to a ping) for stall_timeout is taken for dead: a stopped
// process or a vanished host keeps its TCP connection open. Pings are answered by the peer's event
// loop, not by its disk, so a slow disk is not a dead node.
#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/model/replica_message.h"
#include "common/rpc/backoff.h"
#include "common/rpc/event_loop.h"
#include "common/rpc/inflight_table.h"
#include "common/rpc/latency_estimator.h"
#include "common/rpc/stream_connection.h"
#include "common/wire/replica_wire.h"

namespace quorumcache::rpc {

// What the caller gets back with the reply, untouched.
struct ReplyContext {
  uint64_t operation = 0;
  uint32_t round = 0;
  uint8_t replica = 0;
};

class ReplyHandler {
 public:
  // The reply to one accepted Send; exactly once for each, never from within Send. Loop thread. May
  // call Send; must not destroy the client.
  virtual void OnReply(const ReplyContext& context, model::ReplicaReply reply) = 0;

 protected:
  ~ReplyHandler() = default;
};

// One node's health, as this process sees it.
struct ReplicaHealth {
  bool up = false;
  // Why it is down, or was last; OK before the first trouble.
  absl::Status last_error;
  uint64_t connects = 0;  // successful hellos
  uint64_t breaks = 0;    // connections and attempts that failed
  uint64_t requests = 0;  // accepted by Send
  uint64_t batches = 0;   // messages they left in
  absl::Duration read_latency_mean;
};

struct BatchStreamClientOptions {
  std::string address;  // host:port
  std::string cluster_id;
  std::string sender;  // this coordinator's name
  // Of the node that must answer; another one is refused at the hello, and tried again.
  uint64_t incarnation = 0;
  uint64_t seed = 0;  // of the backoff's jitter
  // Called when up() has changed, and when the first attempt has failed. Coming down, after all
  // that was under way has been answered. May be empty.
  std::function<void(bool up)> on_health;
  size_t queue_requests_max = limits::kStreamQueueRequestsMax;
  size_t queue_bytes_max = limits::kStreamQueueBytesMax;
  size_t batch_bytes_max = limits::kStreamBatchBytesMax;
  // 300 ms: far above a scheduling hiccup, well below an operation's deadline.
  absl::Duration stall_timeout = absl::Milliseconds(300);
  // A quiet peer is asked so often whether it is there; sooner when it owes replies.
  absl::Duration ping_interval = absl::Seconds(1);
  // From the start of an attempt to the peer's hello.
  absl::Duration connect_timeout = absl::Seconds(1);
  grpc::ChannelArguments channel_arguments = StreamChannelArguments();
  std::shared_ptr<grpc::ChannelCredentials> credentials;  // nullptr: insecure
};

// Thread-compatible: everything on the loop's thread.
class BatchStreamClient final : private Flushable, private StreamConnection::Owner {
 public:
  // Starts connecting at once. `loop` outlives the client.
  BatchStreamClient(EventLoop& loop, BatchStreamClientOptions options);
  // Requests under way are not answered any more: call Close first where somebody waits.
  ~BatchStreamClient();

  // Queues one request for the end of this iteration. kOk: accepted, `handler` (which outlives the
  // reply) will get the reply. kNotSent, kOverloaded: refused at once, the handler is not called.
  // Nothing that is passed is kept. header.id and header.incarnation are filled in here.
  [[nodiscard]] model::ReplyStatus Read(wire::RequestHeader header, const model::ReadRequest& body,
                                        const ReplyContext& context, ReplyHandler& handler);
  [[nodiscard]] model::ReplyStatus Prepare(wire::RequestHeader header,
                                           const model::PrepareRequest& body,
                                           const ReplyContext& context, ReplyHandler& handler);
  [[nodiscard]] model::ReplyStatus Accept(wire::RequestHeader header, const wire::AcceptBody& body,
                                          const ReplyContext& context, ReplyHandler& handler);

  // Answers all that is under way (kNotSent, kLost) and stays down. Idempotent.
  void Close();

  // Connected, and the hello was right.
  bool up() const { return up_; }
  // At least one attempt has ended, well or not: whether it is up is known.
  bool tried() const { return connects_ + breaks_ > 0; }
  ReplicaHealth health() const;
  // How long to wait for this replica before asking another one; `fallback` while there are too few
  // samples.
  absl::Duration HedgeDelay(absl::Duration fallback) const { return latency_.P99(fallback); }
  // For unary calls to the same node; nullptr before the first attempt. Use at once, do not keep.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  size_t in_flight() const { return inflight_.size(); }
  const std::string& address() const { return options_.address; }

 private:
  // One request under way.
  struct Pending {
    ReplyHandler* handler = nullptr;
    ReplyContext context;
    uint64_t batch = 0;  // number of the batch it leaves in
    base::MonotonicTime queued_at;
    bool is_read = false;
  };
  struct Batch {
    std::string bytes;
    size_t request_count = 0;
  };
  class Pulse final : public Timer {
   public:
    explicit Pulse(BatchStreamClient* client) : client_(client) {}
    void OnTimer() override { client_->OnPulse(); }

   private:
    BatchStreamClient* client_;
  };

  // What comes before and after the three encoders. Admit gives the batch to append to, or nullptr
  // and why.
  Batch* Admit(wire::RequestHeader& header, Pending pending, size_t size_bytes_estimate,
               model::ReplyStatus* refusal);
  void Queued(Batch& batch, size_t size_bytes_before);

  void Connect();
  void OnPulse();
  void ArmPulse();
  void CheckLiveness();
  // Takes the connection down, answers all that was under way and arms the next attempt.
  void Break(const absl::Status& why);
  void AnswerAll();
  absl::Status CheckHello(absl::string_view bytes) const;
  void TakeReplies(absl::string_view bytes);
  base::MonotonicTime Now() const { return loop_.now().monotonic; }

  void Flush() override;
  // StreamConnection::Owner
  void OnConnected() override;
  void OnMessage(absl::string_view bytes) override;
  void OnWritten() override;
  void OnBroken(const absl::Status& status) override;

  EventLoop& loop_;
  const BatchStreamClientOptions options_;
  base::Random random_;
  Backoff backoff_;
  LatencyEstimator latency_;
  Pulse pulse_{this};

  std::shared_ptr<grpc::Channel> channel_;
  StreamConnection* connection_ = nullptr;  // owns itself; nullptr between attempts
  bool up_ = false;
  bool closed_ = false;
  bool writing_ = false;
  bool ping_due_ = false;
  bool ping_under_way_ = false;
  uint64_t ping_number_ = 0;
  base::MonotonicTime heard_at_;  // the last message from the peer
  base::MonotonicTime ping_at_;
  base::MonotonicTime attempt_at_;
  base::MonotonicTime pulse_at_;

  InflightTable<Pending> inflight_;
  std::deque<Batch> queue_;   // back: the batch being filled
  uint64_t front_batch_ = 0;  // number of queue_.front()
  size_t queued_requests_ = 0;
  size_t queued_bytes_ = 0;
  size_t reserve_bytes_ = 0;  // what the last batch needed

  absl::Status last_error_;
  uint64_t connects_ = 0;
  uint64_t breaks_ = 0;
  uint64_t requests_ = 0;
  uint64_t batches_ = 0;
};

}  // namespace quorumcache::rpc
