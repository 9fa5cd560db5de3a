// SPDX-License-Identifier: Apache-2.0
// How the cluster looks from this coordinator: which nodes answer, and what that means for its
// partitions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/service/replica_transport.h"
#include "coordinator/service/topology_view.h"

namespace quorumcache::service {

// Value.
struct ClusterHealth {
  // False: no cluster map has been read yet, and all below is zero.
  bool has_map = false;
  uint64_t epoch = 0;
  uint32_t nodes = 0;
  uint32_t nodes_up = 0;
  // Partitions by what their replicas allow: every slot answers; a majority does; less.
  uint32_t partitions_all_ok = 0;
  uint32_t partitions_quorum = 0;
  uint32_t partitions_lost = 0;
  // Ids of the nodes that do not answer.
  std::vector<std::string> nodes_down;

  // Nodes that nobody has tried to reach yet.
  uint32_t nodes_untried = 0;
  // Every node has been tried at some time: before that, a majority that answers may be all there
  // is, and one node fewer would show as an outage.
  bool settled = false;

  // Every partition has a quorum.
  bool ready() const { return has_map && settled && partitions_lost == 0; }
  // Nothing is missing.
  bool healthy() const { return ready() && partitions_quorum == 0 && nodes_down.empty(); }
};

// `view` may be nullptr. O(partitions * replicas).
ClusterHealth AssessCluster(const TopologyView* view, const ReplicaTransport& transport);

// One line a fact, for /readyz and people.
std::vector<std::string> DescribeHealth(const ClusterHealth& health);

}  // namespace quorumcache::service
