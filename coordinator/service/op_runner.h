// SPDX-License-Identifier: Apache-2.0
// OpRunner: runs the quorum core's operations against real replicas, timers and callers.
//
// An Operation decides; the runner performs, in the order that quorum/operation.h prescribes: send,
// answer, arm, destroy. It keeps an operation after its answer until it is settled, so that
// stragglers are still heard. Nothing here knows gRPC: the transport and the timers are interfaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/time.h"
#include "common/model/hlc.h"
#include "common/rpc/batch_stream_client.h"
#include "common/rpc/inflight_table.h"
#include "common/rpc/timer_wheel.h"
#include "coordinator/quorum/key_lane.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/service/cache_backend.h"
#include "coordinator/service/loop_services.h"
#include "coordinator/service/replica_transport.h"
#include "coordinator/service/response_sink.h"

namespace quorumcache::quorum {
class RegisterOp;
}  // namespace quorumcache::quorum

namespace quorumcache::service {

// Thread-compatible: everything on the loop's thread.
class OpRunner final : private rpc::ReplyHandler {
 public:
  // One operation and who wants its answer; the runner gives it back with that.
  class Listener;
  struct Job {
    Listener* listener = nullptr;
    // The listener's own, down to started_at.
    ResponseSink* sink = nullptr;
    uint64_t cookie = 0;
    OperationKind kind = OperationKind::kGet;
    model::Consistency consistency = model::Consistency::kQuorum;
    bool return_previous = false;
    // A write that looks at nothing: it needs no Prepare, unless something comes between.
    bool is_blind = false;
    // Where a write stands (WriteLanes).
    struct Lane {
      bool entered = false;
      uint64_t token = 0;
      quorum::LanePass pass;
    };
    Lane lane;
    uint8_t attempts = 0;
    base::MonotonicTime started_at;
    base::MonotonicTime deadline;
    // Links of the operation's replicas, by ReplicaIndex.
    absl::InlinedVector<LinkId, 3> links;
    std::unique_ptr<quorum::Operation> operation;
    // The same, where it may leave a ballot for the next one; else nullptr.
    quorum::RegisterOp* reserving = nullptr;
  };

  class Listener {
   public:
    // `job.operation` has finished; its result may be moved from. Exactly once for each Start,
    // possibly within it. May call Start; must not keep the reference.
    virtual void OnFinished(Job& job) = 0;
    // A blind write was refused and goes on as a conditional operation; at most once for each
    // Start, before OnFinished. Must not start anything.
    virtual void OnFellBack(const Job& job) {}

   protected:
    ~Listener() = default;
  };

  // Since the start; for metrics.
  struct Counters {
    uint64_t sends = 0;
    uint64_t refused_sends = 0;  // down or full: never left
    uint64_t hedges = 0;         // reads sent because another replica was slow
    uint64_t repairs = 0;        // reads that wrote the newest record back
    uint64_t fallbacks = 0;      // blind writes that went on as conditional operations
    uint64_t late_replies = 0;   // came when their operation was gone
  };

  // All outlive the runner.
  OpRunner(LoopServices& loop, ReplicaTransport& transport, model::HybridClock& clock);
  // Requires: nothing is under way (see ExpireAll).
  ~OpRunner();

  // Starts `job.operation`. Requires: unanswered() < limits::kOperationsInFlightMax.
  void Start(Job job);

  // Operations whose callers still wait.
  size_t unanswered() const { return unanswered_; }
  const Counters& counters() const { return counters_; }
  // Messages to `link` that did not leave, were not executed there, or were lost.
  uint64_t FailuresOf(LinkId link) const { return link < failures_.size() ? failures_[link] : 0; }

  // Ends every operation as if its time were up, so that each caller is answered. For shutdown.
  void ExpireAll();

 private:
  // A job in the table. Pooled.
  class Running final : public rpc::Timer {
   public:
    explicit Running(OpRunner* runner) : runner_(runner) {}
    void OnTimer() override { runner_->OnTimer(*this); }

    Job job;
    uint64_t id = 0;
    // The operation has left its usual path; counted once.
    bool repaired = false;
    bool fell_back = false;

   private:
    OpRunner* runner_;
  };
  // A send that the transport would not take; answered to the operation after the other sends.
  struct Refusal {
    quorum::ReplicaIndex replica;
    uint32_t round;
    model::ReplyStatus status;
  };
  using Refusals = absl::InlinedVector<Refusal, 3>;

  void OnReply(const rpc::ReplyContext& context, model::ReplicaReply reply) override;
  void OnTimer(Running& running);

  // Does what `actions` say and what follows from it.
  void Perform(Running& running, const quorum::Actions& actions);
  void SendAll(Running& running, const quorum::Actions& actions, Refusals& refusals);
  // Counts what `send` says about its operation.
  void Count(Running& running, const quorum::Send& send);
  void CountFailure(LinkId link, model::ReplyStatus status);
  model::ReplyStatus SendOne(Running& running, const quorum::Send& send);
  void Answer(Running& running);
  // Arms the timer, or destroys the operation.
  void ArmOrRelease(Running& running);

  Running& Acquire();
  void Release(Running& running);

  LoopServices& loop_;
  ReplicaTransport& transport_;
  model::HybridClock& clock_;
  rpc::InflightTable<Running*> running_;
  std::vector<std::unique_ptr<Running>> pool_;
  std::vector<Running*> idle_;
  size_t unanswered_ = 0;
  Counters counters_;
  std::vector<uint64_t> failures_;  // by link
};

}  // namespace quorumcache::service
