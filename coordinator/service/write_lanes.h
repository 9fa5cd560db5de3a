// SPDX-License-Identifier: Apache-2.0
// WriteLanes: the writes of this coordinator, key by key in their lanes (quorum/key_lane.h, which
// decides; this keeps the lanes, and the writes that wait with their deadlines).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/model/key.h"
#include "common/rpc/inflight_table.h"
#include "common/rpc/timer_wheel.h"
#include "coordinator/quorum/key_lane.h"
#include "coordinator/quorum/mutation.h"
#include "coordinator/service/loop_services.h"
#include "coordinator/service/op_runner.h"

namespace quorumcache::service {

// Loop thread only.
class WriteLanes {
 public:
  // A job without its operation, and what that is made of.
  struct Write {
    OpRunner::Job job;
    model::Key key;
    quorum::Mutation mutation;
  };
  class Listener {
   public:
    // `write` has waited and may go; job.lane says how. Leave follows when it is over, possibly
    // within this.
    virtual void OnTurn(Write&& write) = 0;
    // The time of `write` was up before its turn came. It has nothing to do with its lane any more.
    virtual void OnTimeUp(Write& write) = 0;

   protected:
    ~Listener() = default;
  };

  // Both outlive the lanes.
  WriteLanes(LoopServices& loop, Listener& listener) : loop_(loop), listener_(listener) {}
  // Requires: no write is in a lane or waits.
  ~WriteLanes();

  enum class Verdict : uint8_t {
    kGo,    // it may go, and job.lane is filled in
    kWait,  // it has been moved from, and the listener hears of it
    kFull,  // too many wait already; it is as it was
  };
  // A write comes. `token`: hash::TokenOf(key). O(1).
  [[nodiscard]] Verdict Enter(uint64_t token, Write& write);
  // The write of `job`, which entered, is over; the next ones go.
  void Leave(const OpRunner::Job& job);
  // The write of `job` met another coordinator's.
  void OnContention(const OpRunner::Job& job);
  // Whether others wait behind it.
  bool HasFollowers(const OpRunner::Job& job) const;

  // Ends the wait of all that wait, as if their time were up.
  void ExpireAll();
  size_t waiting() const { return waiting_.size(); }
  // Lanes in use, and those that are kept because they were contended.
  size_t lanes() const { return lanes_.size(); }

 private:
  class Waiting final : public rpc::Timer {
   public:
    explicit Waiting(WriteLanes* owner) : owner_(owner) {}
    void OnTimer() override { owner_->OnTimeUp(ticket); }

    Write write;
    quorum::KeyLane::Ticket ticket = 0;

   private:
    WriteLanes* owner_;
  };
  struct Contended {
    uint64_t token = 0;
    base::MonotonicTime at;
  };

  void OnTimeUp(quorum::KeyLane::Ticket ticket);
  // Lets go what may go in the lanes of `due_`. Not recursive: a write may end within its start.
  void PumpAll();
  void Pump(uint64_t token);
  void EraseIfIdle(uint64_t token);
  // Forgets lanes that have been quiet since they were contended.
  void ForgetOld();
  base::MonotonicTime Now() const { return loop_.now().monotonic; }

  LoopServices& loop_;
  Listener& listener_;
  absl::flat_hash_map<uint64_t, quorum::KeyLane> lanes_;
  rpc::InflightTable<std::unique_ptr<Waiting>> waiting_;
  std::vector<uint64_t> due_;
  bool pumping_ = false;
  // Of the lanes that are contended, in the order in which they became so, or were looked at.
  std::deque<Contended> contended_;
};

}  // namespace quorumcache::service
