// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/topology_follower.h"

#include <glog/logging.h>

#include <utility>

#include "common/base/status_macros.h"

namespace quorumcache::service {

TopologyFollower::TopologyFollower(topology::TopologyStore& store, LoopServices& loop,
                                   std::function<void(topology::ClusterMap)> on_map,
                                   std::function<void(const absl::Status&)> on_store)
    : store_(store), loop_(loop), on_map_(std::move(on_map)), on_store_(std::move(on_store)) {}

absl::Status TopologyFollower::Start() {
  // Read once by hand: a watch reports a missing map only later, on its own thread.
  QC_ASSIGN_OR_RETURN(topology::ClusterMap map, store_.Read());
  loop_.Post([this, map = std::move(map)]() mutable { on_map_(std::move(map)); });
  QC_ASSIGN_OR_RETURN(std::unique_ptr<topology::TopologyWatch> watch,
                      store_.Watch([this](const auto& update) { OnUpdate(update); }));
  const base::MutexLock lock(mutex_);
  watch_ = std::move(watch);
  return absl::OkStatus();
}

void TopologyFollower::Stop() {
  // Destroyed without the lock: that waits for a callback.
  std::unique_ptr<topology::TopologyWatch> ended;
  const base::MutexLock lock(mutex_);
  ended = std::move(watch_);
}

double TopologyFollower::AgeSeconds() const {
  const base::MutexLock lock(mutex_);
  return watch_ == nullptr ? 0 : absl::ToDoubleSeconds(watch_->Age());
}

void TopologyFollower::OnUpdate(const absl::StatusOr<topology::ClusterMap>& map) {
  on_store_(map.status());
  if (!map.ok()) {
    LOG(WARNING) << "cannot read the cluster map, going on with the last one: " << map.status();
    return;
  }
  loop_.Post([this, map = *map]() mutable { on_map_(std::move(map)); });
}

}  // namespace quorumcache::service
