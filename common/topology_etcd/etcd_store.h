// SPDX-License-Identifier: Apache-2.0
// EtcdStore: the cluster map in etcd (v3), for clusters of many machines.
//
//   PREFIX/map       the map (map_value.h), changed only where its mod_revision is the one that was
//                    read
//   PREFIX/writer/K  the mark of whoever made a recent change, written in the same transaction
//   PREFIX/lease     who drives changes (etcd_lease.h)
//
// Reads are linearizable: a majority of etcd's members has said so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"
#include "common/topology_etcd/etcd_client.h"
#include "common/topology_etcd/etcd_options.h"
#include "common/topology_etcd/etcd_url.h"

namespace quorumcache::topology_etcd {

// Thread-safe. Beside the errors of TopologyStore: UNAUTHENTICATED, PERMISSION_DENIED where etcd
// refuses the user. A map that is too large is INVALID_ARGUMENT.
class EtcdStore : public topology::TopologyStore {
 public:
  // Connects when it is first used.
  EtcdStore(EtcdUrl url, const EtcdOptions& options);

  absl::StatusOr<topology::ClusterMap> Read() override;
  absl::Status Create(const topology::ClusterMap& map) override;
  absl::Status CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) override;
  absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> Watch(
      topology::TopologyCallback callback) override;
  absl::StatusOr<std::unique_ptr<topology::TopologyLease>> TryAcquireLease(
      absl::string_view holder) override;

 private:
  struct Present {
    topology::ClusterMap map;
    int64_t mod_revision = 0;
  };
  absl::StatusOr<Present> ReadPresent();
  // Stores `map` where the map's key is at `mod_revision` (0: is not there); false: it is not.
  absl::StatusOr<bool> Put(int64_t mod_revision, const topology::ClusterMap& map);
  std::string NewMark();

  const EtcdUrl url_;
  const EtcdOptions options_;
  // Of the map, for messages.
  const std::string place_;
  EtcdClient client_;
  base::Mutex mutex_;
  base::Random random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::topology_etcd
