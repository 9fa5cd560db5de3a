// SPDX-License-Identifier: Apache-2.0
// TopologyFollower: brings each new cluster map from the store's thread to the loop's.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"
#include "coordinator/service/loop_services.h"

namespace quorumcache::service {

// Thread-compatible.
class TopologyFollower {
 public:
  // `on_map` is called on the loop's thread, with growing epochs or the last one again; `on_store`
  // on the store's, with whether it can be read. All outlive the follower, and `loop` runs nothing
  // of its posts after that was destroyed.
  TopologyFollower(topology::TopologyStore& store, LoopServices& loop,
                   std::function<void(topology::ClusterMap)> on_map,
                   std::function<void(const absl::Status&)> on_store);

  // The first map, then all later ones. An error when there is no map to start with.
  absl::Status Start();
  void Stop();
  // Seconds since the store last confirmed that the map is the present one. Thread-safe.
  double AgeSeconds() const;

 private:
  // From the store's thread.
  void OnUpdate(const absl::StatusOr<topology::ClusterMap>& map);

  topology::TopologyStore& store_;
  LoopServices& loop_;
  const std::function<void(topology::ClusterMap)> on_map_;
  const std::function<void(const absl::Status&)> on_store_;
  mutable base::Mutex mutex_;
  std::unique_ptr<topology::TopologyWatch> watch_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::service
