// SPDX-License-Identifier: Apache-2.0
// LastMapStore: another store, and a file that holds the last map a process has seen in it; so that
// a cluster whose store is lost can be given one again (docs/OPERATIONS.md#a-lost-store).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/topology/topology_store.h"

namespace quorumcache::topology_stores {

// Thread-safe. The file is what topology_etcd::EncodeMapValue makes.
class LastMapStore : public topology::TopologyStore {
 public:
  // `store` outlives it. `report` is told, from the store's thread, why a map was not kept; nothing
  // depends on it.
  LastMapStore(topology::TopologyStore& store, std::string path,
               std::function<void(const absl::Status&)> report)
      : store_(store), path_(std::move(path)), report_(std::move(report)) {}

  absl::StatusOr<topology::ClusterMap> Read() override { return store_.Read(); }
  absl::Status Create(const topology::ClusterMap& map) override { return store_.Create(map); }
  absl::Status CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) override {
    return store_.CompareAndSet(expected_epoch, map);
  }
  // Each map is kept after `callback` has seen it: what serves requests comes first.
  absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> Watch(
      topology::TopologyCallback callback) override;
  absl::StatusOr<std::unique_ptr<topology::TopologyLease>> TryAcquireLease(
      absl::string_view holder) override {
    return store_.TryAcquireLease(holder);
  }

 private:
  absl::Status Keep(const topology::ClusterMap& map) const;

  topology::TopologyStore& store_;
  const std::string path_;
  const std::function<void(const absl::Status&)> report_;
};

// A map in a file of any of the forms that we write: a topology file, a node's last map, what
// `etcdctl get` printed. NOT_FOUND, UNAVAILABLE, DATA_LOSS: why not.
absl::StatusOr<topology::ClusterMap> ReadMapFile(const std::string& path);

}  // namespace quorumcache::topology_stores
