// SPDX-License-Identifier: Apache-2.0
// What changed between two cluster maps, for logs and for the plan that a person confirms.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/topology/cluster_map.h"

namespace quorumcache::topology {

// One field of one node or namespace; `before` or `after` is empty where it is new or gone.
struct FieldChange {
  // "node n4", "namespace orders".
  std::string subject;
  // "address", "weight", ...; "" when the whole subject came or went.
  std::string field;
  std::string before;
  std::string after;
  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

// How many replicas a node had and has.
struct OwnershipChange {
  std::string node_id;
  uint32_t replicas_before = 0;
  uint32_t replicas_after = 0;
  // Replicas it holds or is to hold now and did not before: what must be copied to it.
  uint32_t replicas_gained = 0;
  friend bool operator==(const OwnershipChange&, const OwnershipChange&) = default;
};

struct MapDiff {
  uint64_t epoch_before = 0;
  uint64_t epoch_after = 0;
  // Nodes, then namespaces; in the order of the later map, what is gone last.
  std::vector<FieldChange> fields;
  // One a node, in the same order; nodes whose replicas are the same are left out.
  std::vector<OwnershipChange> ownership;
  // Partitions whose entry is not the same, ascending.
  std::vector<uint32_t> partitions;

  // Nothing but perhaps the epoch changed.
  bool empty() const { return fields.empty() && ownership.empty() && partitions.empty(); }
  // Sum of replicas_gained.
  uint32_t ReplicasMoved() const;
  // One line a fact, without a newline at the end.
  std::string ToString() const;
};

// Compares nodes by id, not by index. The maps may differ in anything. O(size of the maps * log
// nodes).
MapDiff Diff(const ClusterMap& before, const ClusterMap& after);

}  // namespace quorumcache::topology
