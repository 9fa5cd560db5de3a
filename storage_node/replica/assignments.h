// SPDX-License-Identifier: Apache-2.0
// What a cluster map says to one storage node: what it holds, what it has to copy, and what it may
// forget.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"
#include "storage_node/replica/meta_codec.h"
#include "storage_node/replica/partition_table.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::replica {

// A node as another one reaches it.
struct NodeRef {
  std::string id;
  uint64_t incarnation = 0;
  friend bool operator==(const NodeRef&, const NodeRef&) = default;
};

// Who asks: the identity of this node's data directory.
struct Self {
  std::string id;
  uint64_t incarnation = 0;
};

// A partition to be copied here.
struct JoinTask {
  uint32_t partition = 0;
  // Of the entry.
  uint32_t epoch = 0;
  uint32_t ballot_floor_epoch = 0;
  // From the slot's own holder; otherwise the slot is vacant, and the sources are the holders of
  // the other slots, of which a majority of all slots is needed.
  bool same_slot = false;
  uint32_t sources_needed = 1;
  std::vector<NodeRef> sources;
  // Where the copy stands.
  bool complete = false;
  JoinProgress progress;

  uint32_t join_id() const { return ballot_floor_epoch; }
};

// A partition that has left this node for good, of which something is still here. Not while one of
// its slots is under way: an abort may give the slot back.
struct DropTask {
  uint32_t partition = 0;
  // Of the entry without this node.
  uint32_t epoch = 0;
  // So many of these must have written down that epoch: then no quorum that counted this node can
  // form any more, and nobody will ever ask for what it has.
  uint32_t others_needed = 0;
  std::vector<NodeRef> others;
};

// What `map` says of every partition. A node that it does not know, or as another incarnation,
// holds nothing.
std::vector<PartitionAssignment> AssignmentsOf(const topology::ClusterMap& map, const Self& self);

// Both: after `replica` has been configured with the assignments of the same map.
std::vector<JoinTask> JoinTasksOf(const topology::ClusterMap& map, const Self& self,
                                  const Replica& replica);
std::vector<DropTask> DropTasksOf(const topology::ClusterMap& map, const Replica& replica);

}  // namespace quorumcache::replica
