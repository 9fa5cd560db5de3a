// SPDX-License-Identifier: Apache-2.0
// ClusterAdmin: how the doors ask for changes of the cluster's shape, and watch them.
//
// The same words as quorumcache/v1/cluster.proto, without protobuf: gRPC and HTTP share them.
// coordinator/admin implements it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

// A storage node that runs and waits to be added.
struct NodeAddition {
  std::string address;
  std::string zone;
  // 0: the usual one, or that of the node it replaces.
  uint32_t weight = 0;
  // "": what the node calls itself.
  std::string id;
};

struct NodeReplacement {
  std::string dead_id;
  NodeAddition with;
};

struct WeightChange {
  std::string node_id;
  uint32_t weight = 0;
};

struct ZoneChange {
  std::string node_id;
  std::string zone;
};

// Several things at once are one change. Nodes that are in the map are named by id; their address
// will do. Value.
struct ClusterChange {
  std::vector<NodeAddition> add;
  std::vector<std::string> drain;
  std::vector<std::string> remove;
  std::vector<NodeReplacement> replace;
  std::vector<WeightChange> weights;
  std::vector<ZoneChange> zones;

  bool empty() const {
    return add.empty() && drain.empty() && remove.empty() && replace.empty() && weights.empty() &&
           zones.empty();
  }
};

// One node before and after a change.
struct NodeShareView {
  std::string id;
  std::string address;
  std::string zone;
  uint32_t replicas_before = 0;
  uint32_t replicas_after = 0;
  uint32_t replicas_gained = 0;
  bool is_new = false;
  bool is_removed = false;
};

struct ChangePlan {
  CacheError error;
  // Of the map it was planned from.
  uint64_t epoch = 0;
  std::vector<NodeShareView> nodes;
  uint32_t replicas_to_move = 0;
  uint64_t bytes_to_move = 0;
  // False: of some partitions no node has said how large they are.
  bool bytes_are_known = false;
};

// One replica being copied.
struct TransferView {
  uint32_t partition = 0;
  // "": a dead node's slot.
  std::string from;
  std::string to;
  uint64_t bytes = 0;
  uint64_t records = 0;

  friend bool operator==(const TransferView&, const TransferView&) = default;
};

// A change that is over.
struct EndedChange {
  // As RebalanceView's.
  uint64_t change_epoch = 0;
  std::string description;
  // Before all was done: some replicas are where they were.
  bool was_aborted = false;

  friend bool operator==(const EndedChange&, const EndedChange&) = default;
};

enum class RebalanceState : uint8_t { kIdle, kRunning, kAborting };

struct RebalanceView {
  RebalanceState state = RebalanceState::kIdle;
  uint64_t epoch = 0;
  std::string description;
  uint32_t replicas_total = 0;
  uint32_t replicas_done = 0;
  uint32_t replicas_moving = 0;
  uint64_t bytes_moved = 0;
  uint64_t bytes_per_second = 0;
  // 0: no limit.
  uint64_t bytes_per_second_max = 0;
  std::optional<absl::Duration> time_left;
  std::string driver;
  std::string problem;
  std::vector<TransferView> transfers;
  // Of the map that the change was committed with; 0: none is under way.
  uint64_t change_epoch = 0;
  // Since this coordinator was started.
  std::optional<EndedChange> last_ended;

  friend bool operator==(const RebalanceView&, const RebalanceView&) = default;
};

// What a commit or abort has led to.
struct ChangeResult {
  CacheError error;
  RebalanceView rebalance;
};

// What watchers are told.
struct ClusterEvent {
  uint64_t epoch = 0;
  uint32_t nodes = 0;
  uint32_t nodes_up = 0;
  RebalanceView rebalance;

  friend bool operator==(const ClusterEvent&, const ClusterEvent&) = default;
};

// Ends its watch when destroyed; from then on the callback is not called any more, but one call may
// be under way on another thread.
class ClusterWatch {
 public:
  virtual ~ClusterWatch() = default;
};

// Thread-safe. Callbacks come from a thread of the implementation's, must not block, and are called
// exactly once, also at shutdown (SHUTTING_DOWN), but for those of Watch.
class ClusterAdmin {
 public:
  virtual ~ClusterAdmin() = default;
  virtual void Plan(ClusterChange change, std::function<void(ChangePlan)> done) = 0;
  // `epoch`: that of the plan; nullopt: whatever it is now.
  virtual void Commit(ClusterChange change, std::optional<uint64_t> epoch,
                      std::function<void(ChangeResult)> done) = 0;
  virtual void Abort(std::optional<uint64_t> epoch, std::function<void(ChangeResult)> done) = 0;
  virtual void GetRebalance(std::function<void(RebalanceView)> done) = 0;
  // Calls back with the present state soon, then after each change.
  virtual std::unique_ptr<ClusterWatch> Watch(std::function<void(const ClusterEvent&)> changed) = 0;
};

}  // namespace quorumcache::service
