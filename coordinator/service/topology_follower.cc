// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/topology_follower.h"

#include <glog/logging.h>

#include <utility>

#include "common/base/status_macros.h"

namespace quorumcache::service {

TopologyFollower::TopologyFollower(topology::TopologyStore& store, LoopServices& loop,
                                   std::function<void(topology::ClusterMap)> on_map)
    : store_(store), loop_(loop), on_map_(std::move(on_map)) {}

absl::Status TopologyFollower::Start() {
  // Read once by hand: a watch reports a missing map only later, on its own thread.
  QC_ASSIGN_OR_RETURN(topology::ClusterMap map, store_.Read());
  loop_.Post([this, map = std::move(map)]() mutable { on_map_(std::move(map)); });
  QC_ASSIGN_OR_RETURN(watch_, store_.Watch([this](const auto& update) { OnUpdate(update); }));
  return absl::OkStatus();
}

void TopologyFollower::OnUpdate(const absl::StatusOr<topology::ClusterMap>& map) {
  if (!map.ok()) {
    LOG(WARNING) << "cannot read the cluster map, going on with the last one: " << map.status();
    return;
  }
  loop_.Post([this, map = *map]() mutable { on_map_(std::move(map)); });
}

}  // namespace quorumcache::service
