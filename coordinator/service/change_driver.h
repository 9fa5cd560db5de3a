// SPDX-License-Identifier: Apache-2.0
// ChangeDriver: runs rebalance::Driver in a coordinator: keeps the lease while there is a change,
// publishes what it decides, asks the joiners for it.
//
// It may be stopped, killed or doubled at any moment: every publish is a compare-and-set, and
// another coordinator takes the lease and goes on from the map (docs/PROTOCOL.md#moving).
#pragma once

#include <memory>
#include <string>

#include "common/topology/topology_store.h"
#include "coordinator/rebalance/driver.h"
#include "coordinator/service/loop_services.h"
#include "coordinator/service/node_calls.h"
#include "coordinator/service/task_thread.h"

namespace quorumcache::service {

// Loop thread only.
class ChangeDriver {
 public:
  struct Parts {
    LoopServices& loop;
    topology::TopologyStore& store;
    NodeCalls& calls;
    // Where the store is asked.
    TaskThread& tasks;
    // Of this coordinator, for people.
    std::string name;
  };

  // All of `parts` outlives it.
  explicit ChangeDriver(Parts parts);
  ~ChangeDriver();

  void OnMap(const topology::ClusterMap& map);
  // Gives the lease back, and starts nothing more. Before the tasks are stopped.
  void Stop();

  bool drives() const { return lease_ != nullptr; }
  // This coordinator, or who the store says holds the lease; "" while nobody is known.
  const std::string& driver_name() const { return driver_name_; }
  // Why nothing moves at present; "": it does.
  std::string problem() const;

 private:
  class Alarm final : public rpc::Timer {
   public:
    explicit Alarm(ChangeDriver* owner) : owner_(owner) {}
    void OnTimer() override { owner_->OnTimer(); }

   private:
    ChangeDriver* owner_;
  };
  using LeaseOr = absl::StatusOr<std::unique_ptr<topology::TopologyLease>>;

  void OnTimer();
  void Do(rebalance::Driver::Actions actions);
  void Publish(rebalance::Driver::Publish publish);
  void Ask(const std::string& node_id);
  // Takes, checks or gives back the lease, as the map needs.
  void LookAfterLease();
  void OnLease(std::shared_ptr<LeaseOr> answer);
  void DropLease();
  void Rearm();
  base::MonotonicTime now() const { return parts_.loop.now().monotonic; }

  const Parts parts_;
  rebalance::Driver driver_;
  topology::ClusterMap map_;
  std::unique_ptr<topology::TopologyLease> lease_;
  bool is_taking_lease_ = false;
  bool is_stopped_ = false;
  base::MonotonicTime next_lease_look_;
  std::string driver_name_;
  std::string lease_problem_;
  Alarm alarm_{this};
};

}  // namespace quorumcache::service
