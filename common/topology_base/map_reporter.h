// SPDX-License-Identifier: Apache-2.0
// MapReporter: what a watch passes on, of all that it reads.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"
#include "common/topology_base/freshness.h"

namespace quorumcache::topology_base {

// Keeps the promises of TopologyStore::Watch: epochs grow, a failure is told once. One thread
// reports; Age() is for all.
class MapReporter {
 public:
  // `place`: of the map, for messages ("topology file X").
  MapReporter(std::string place, topology::TopologyCallback callback)
      : place_(std::move(place)), callback_(std::move(callback)) {}

  // What has just been read. A sound map that is no successor of the last one (an old copy, the
  // same epoch with something else in it) is reported as DATA_LOSS. Whether the map is good.
  bool Report(absl::StatusOr<topology::ClusterMap> map);
  // The store has said that nothing has changed since the last report.
  void Confirm() {
    if (last_failure_.ok()) freshness_.Confirm();
  }

  // The last map passed on; epoch 0: none.
  const topology::ClusterMap& last_map() const { return last_map_; }
  absl::Duration Age() const { return freshness_.Age(); }

 private:
  absl::StatusOr<topology::ClusterMap> CheckOrder(topology::ClusterMap map) const;

  const std::string place_;
  const topology::TopologyCallback callback_;
  topology::ClusterMap last_map_;
  absl::Status last_failure_;
  Freshness freshness_;
};

}  // namespace quorumcache::topology_base
