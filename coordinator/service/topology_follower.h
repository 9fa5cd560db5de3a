// SPDX-License-Identifier: Apache-2.0
// TopologyFollower: brings each new cluster map from the store's thread to the loop's.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"
#include "coordinator/service/loop_services.h"

namespace quorumcache::service {

// Thread-compatible.
class TopologyFollower {
 public:
  // `on_map` is called on the loop's thread, with growing epochs. All outlive the follower, and
  // `loop` runs nothing of its posts after that was destroyed.
  TopologyFollower(topology::TopologyStore& store, LoopServices& loop,
                   std::function<void(topology::ClusterMap)> on_map);

  // The first map, then all later ones. An error when there is no map to start with.
  absl::Status Start();
  void Stop() { watch_.reset(); }

 private:
  // From the store's thread.
  void OnUpdate(const absl::StatusOr<topology::ClusterMap>& map);

  topology::TopologyStore& store_;
  LoopServices& loop_;
  const std::function<void(topology::ClusterMap)> on_map_;
  std::unique_ptr<topology::TopologyWatch> watch_;
};

}  // namespace quorumcache::service
