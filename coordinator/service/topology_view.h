// SPDX-License-Identifier: Apache-2.0
// TopologyView: one cluster map, ready for routing. The present one is shared by every operation
// that starts; operations under way keep the replica set they started with.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/model/consistency.h"
#include "common/model/key.h"
#include "common/model/replica_set.h"
#include "common/topology/cluster_map.h"
#include "coordinator/ring/ring.h"
#include "coordinator/service/replica_transport.h"

namespace quorumcache::service {

// Immutable.
class TopologyView {
 public:
  // `links`: by node index. `local_zone`: as ring::Ring has it. Requires: `map` is valid
  // (topology::Validate).
  TopologyView(topology::ClusterMap map, std::vector<LinkId> links,
               absl::string_view local_zone = "");

  const topology::ClusterMap& map() const { return map_; }
  uint32_t partition_count() const { return static_cast<uint32_t>(map_.partitions.size()); }
  uint32_t PartitionOf(const model::Key& key) const { return ring_.PartitionOf(key); }
  const model::ReplicaSet& replicas(uint32_t partition) const { return ring_.replicas(partition); }
  LinkId link(uint16_t node) const { return links_[node]; }

  bool HasNamespace(absl::string_view name) const { return namespaces_.contains(name); }
  // kUnspecified: there is no such namespace.
  model::Consistency DefaultConsistency(absl::string_view name) const;

 private:
  const topology::ClusterMap map_;
  const ring::Ring ring_;
  const std::vector<LinkId> links_;
  absl::flat_hash_map<std::string, model::Consistency> namespaces_;
};

}  // namespace quorumcache::service
