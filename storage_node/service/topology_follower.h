// SPDX-License-Identifier: Apache-2.0
// TopologyFollower: keeps the replica's partitions as the cluster map has them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "common/metrics/series.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"
#include "storage_node/replica/assignments.h"
#include "storage_node/service/engine_worker.h"
#include "storage_node/service/identity.h"
#include "storage_node/service/node_status.h"

namespace quorumcache::node_service {

// What a map, once the replica obeys it, leaves this node to do.
struct TransferTasks {
  std::vector<topology::Node> nodes;
  std::vector<replica::JoinTask> joins;
  std::vector<replica::DropTask> drops;
};

// OK, or why that node may not serve under this map.
absl::Status CheckMembership(const topology::ClusterMap& map, const Identity& identity);

// Thread-safe. Destroy before the worker.
class TopologyFollower {
 public:
  // `partition_count` of the map that the replica was opened with: it never changes.
  // `on_tasks` is called on the engine thread.
  TopologyFollower(EngineWorker& worker, NodeStatus& status, Identity identity,
                   uint32_t partition_count, std::function<void(TransferTasks)> on_tasks)
      : worker_(worker),
        status_(status),
        identity_(std::move(identity)),
        partition_count_(partition_count),
        on_tasks_(std::move(on_tasks)) {}

  // Who else wants every map that names the partitions of this node; called on the store's thread.
  // Before Start.
  void SetListener(std::function<void(std::shared_ptr<const topology::ClusterMap>)> listener) {
    listener_ = std::move(listener);
  }
  // Called on the engine thread when the replica could not take a map, which it can once its disk
  // can be written to again: TryAgain is due then. Before Start.
  void SetOnRefused(std::function<void()> on_refused) { on_refused_ = std::move(on_refused); }
  // Has the replica take the last map, if it could not.
  void TryAgain();
  // Follows from now on; the first map comes soon. `store` outlives the follower.
  absl::Status Start(topology::TopologyStore& store);
  // Stops following; no callback is running when it returns.
  void Stop();

  // Epoch of the map in force; 0: none yet.
  int64_t epoch() const { return epoch_.value(); }
  // Since the store last confirmed that the map is the present one.
  double AgeSeconds() const;

 private:
  void OnMap(const absl::StatusOr<topology::ClusterMap>& map);
  // Engine thread.
  void Obey(const topology::ClusterMap& map, replica::Replica& replica);
  // Says in the log what has changed about this node's part.
  void Tell(uint64_t epoch, const absl::Status& status);

  EngineWorker& worker_;
  NodeStatus& status_;
  const Identity identity_;
  const uint32_t partition_count_;
  std::function<void(std::shared_ptr<const topology::ClusterMap>)> listener_;
  const std::function<void(TransferTasks)> on_tasks_;
  std::function<void()> on_refused_;
  // Engine thread.
  std::optional<topology::ClusterMap> refused_;
  absl::Status told_;
  metrics::Gauge epoch_;
  mutable base::Mutex mutex_;
  std::unique_ptr<topology::TopologyWatch> watch_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::node_service
