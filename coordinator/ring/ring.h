// SPDX-License-Identifier: Apache-2.0
// Ring: which replicas a key has, as a table made once from a cluster map.
//
// key -> token -> partition -> ReplicaSet, all O(1). The replica sets are values in the order in
// which a read should prefer them; operations copy theirs at the start and are not disturbed by a
// newer ring.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/model/key.h"
#include "common/model/replica_set.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::ring {

// Immutable. Owns what it needs of the map; node indexes are those of that map.
class Ring {
 public:
  // `local_zone`: of the coordinator; its nodes are preferred for reads. "": none is.
  // Requires: `map` is valid (topology::Validate).
  explicit Ring(const topology::ClusterMap& map, absl::string_view local_zone = "");

  uint32_t partition_count() const { return static_cast<uint32_t>(replicas_.size()); }
  // Costs one hash of the key; allocates nothing.
  uint32_t PartitionOf(const model::Key& key) const;
  // Requires: partition < partition_count().
  const model::ReplicaSet& replicas(uint32_t partition) const;

 private:
  // Index = partition.
  std::vector<model::ReplicaSet> replicas_;
};

}  // namespace quorumcache::ring
