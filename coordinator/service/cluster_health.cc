// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/cluster_health.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/quorum/slots.h"

namespace quorumcache::service {
namespace {

quorum::ReplicaMask UpReplicas(const model::ReplicaSet& set, const TopologyView& view,
                               const ReplicaTransport& transport) {
  quorum::ReplicaMask up = 0;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    if (transport.IsUp(view.link(set.replicas[i].node))) up |= quorum::Bit(i);
  }
  return up;
}

}  // namespace

ClusterHealth AssessCluster(const TopologyView* view, const ReplicaTransport& transport) {
  ClusterHealth health;
  if (view == nullptr) return health;
  health.has_map = true;
  health.epoch = view->map().epoch;
  health.nodes = static_cast<uint32_t>(view->map().nodes.size());
  for (uint32_t node = 0; node < health.nodes; ++node) {
    if (!transport.WasTried(view->link(node))) ++health.nodes_untried;
    if (transport.IsUp(view->link(node))) {
      ++health.nodes_up;
    } else {
      health.nodes_down.push_back(view->map().nodes[node].id);
    }
  }
  health.settled = health.nodes_untried == 0;
  for (uint32_t partition = 0; partition < view->partition_count(); ++partition) {
    const model::ReplicaSet& set = view->replicas(partition);
    const size_t slots = quorum::SlotsCovered(set, UpReplicas(set, *view, transport));
    if (slots == set.slot_count) {
      ++health.partitions_all_ok;
    } else if (slots >= set.Majority()) {
      ++health.partitions_quorum;
    } else {
      ++health.partitions_lost;
    }
  }
  return health;
}

std::vector<std::string> DescribeHealth(const ClusterHealth& health) {
  if (!health.has_map) return {"no cluster map has been read yet"};
  std::vector<std::string> lines;
  lines.push_back(absl::StrCat("cluster map epoch ", health.epoch));
  lines.push_back(absl::StrCat("storage nodes up: ", health.nodes_up, " of ", health.nodes));
  if (!health.nodes_down.empty()) {
    lines.push_back(absl::StrCat("storage nodes down: ", absl::StrJoin(health.nodes_down, " ")));
  }
  if (!health.settled) {
    lines.push_back(absl::StrCat("storage nodes not tried yet: ", health.nodes_untried));
  }
  lines.push_back(absl::StrCat("partitions with every replica: ", health.partitions_all_ok,
                               ", with a quorum only: ", health.partitions_quorum,
                               ", without a quorum: ", health.partitions_lost));
  return lines;
}

}  // namespace quorumcache::service
