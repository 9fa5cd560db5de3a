// SPDX-License-Identifier: Apache-2.0
// ChangeAdmin: the ClusterAdmin of a coordinator: plans and commits changes, and tells how far the
// one under way is.
//
// Every coordinator can do all of it: plans are made from the store's map and from what the nodes
// say of themselves, and progress is in the map; bytes and speed it asks of the joiners, no more
// often than kPollInterval, and only while somebody wants to know.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "coordinator/service/change_driver.h"
#include "coordinator/service/change_request.h"
#include "coordinator/service/cluster_admin.h"
#include "coordinator/service/cluster_health.h"
#include "coordinator/service/coordinator_snapshot.h"
#include "coordinator/service/ended_change.h"
#include "coordinator/service/rebalance_monitor.h"

namespace quorumcache::service {

// ClusterAdmin's methods are thread-safe; all else belongs to the loop's thread.
class ChangeAdmin final : public ClusterAdmin {
 public:
  // All outlive it.
  struct Parts {
    LoopServices& loop;
    topology::TopologyStore& store;
    NodeCalls& calls;
    TaskThread& tasks;
    const ChangeDriver& driver;
  };

  explicit ChangeAdmin(const Parts& parts);
  ~ChangeAdmin() override;

  void OnMap(const topology::ClusterMap& map);
  void OnHealth(const ClusterHealth& health);
  // Calls from now on are answered with SHUTTING_DOWN.
  void Stop();
  // No call is under way.
  bool idle() const { return under_way_ == 0; }
  RebalanceStats Stats() const;

  // ClusterAdmin:
  void Plan(ClusterChange change, std::function<void(ChangePlan)> done) override;
  void Commit(ClusterChange change, std::optional<uint64_t> epoch,
              std::function<void(ChangeResult)> done) override;
  void Abort(std::optional<uint64_t> epoch, std::function<void(ChangeResult)> done) override;
  void GetRebalance(std::function<void(RebalanceView)> done) override;
  std::unique_ptr<ClusterWatch> Watch(std::function<void(const ClusterEvent&)> changed) override;

 private:
  // What nodes have said, gathered before anything is planned.
  struct Gathered {
    NodeFacts facts;
    // Index = partition; of the largest copy.
    rebalance::PartitionSizes sizes;
    // Ids of those that have said theirs.
    std::set<std::string> measured;
    int waiting_for = 0;
  };
  using Next = std::function<void(std::shared_ptr<Gathered>)>;
  class Registration;
  class Ticker;

  // Asks the nodes that `change` names, and with `sizes` how much each of all holds.
  void Gather(const ClusterChange& change, bool sizes, Next next);
  void AskSizes(const topology::Node& node, std::shared_ptr<Gathered> gathered, Next next);
  void AskWhetherItAnswers(const topology::Node& node, std::shared_ptr<Gathered> gathered,
                           Next next);
  static void Land(const std::shared_ptr<Gathered>& gathered, const Next& next);
  // Runs `work` where the store may be asked; `refuse` when that is over.
  void RunTask(std::function<void()> work, const std::function<void()>& refuse);

  // On the task thread.
  ChangePlan MakePlan(const ClusterChange& change, const Gathered& gathered) const;
  ChangeResult MakeCommit(const ClusterChange& change, std::optional<uint64_t> epoch,
                          const Gathered& gathered) const;
  ChangeResult TryCommit(const ClusterChange& change, std::optional<uint64_t> epoch,
                         const NodeFacts& facts) const;
  ChangeResult MakeAbort(std::optional<uint64_t> epoch) const;

  void OnTick();
  RebalanceView Show() const;
  void Broadcast();
  void Poll(std::function<void()> done);

  const Parts parts_;
  topology::ClusterMap map_;
  ClusterHealth health_;
  std::optional<EndedChange> last_ended_;
  RebalanceMonitor monitor_;
  bool is_polling_ = false;
  bool is_stopped_ = false;
  int under_way_ = 0;
  std::vector<std::function<void()>> after_poll_;
  std::unique_ptr<Ticker> ticker_;
  std::optional<ClusterEvent> told_;

  struct Watchers;
  // Outlives this while a Registration does.
  const std::shared_ptr<Watchers> watchers_;
};

}  // namespace quorumcache::service
