// SPDX-License-Identifier: Apache-2.0
// What a plan promises, over random clusters and changes: balance within one partition, and no more
// moves than the least that balance takes.
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/topology/placement.h"
#include "common/topology/validate.h"
#include "coordinator/rebalance/plan.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::rebalance {
namespace {

using support::IsOk;
using topology::ClusterMap;
using topology::Slot;

// Equal weights, each node a zone of its own: fair shares are exact, and so is the least number of
// moves.
ClusterMap EqualCluster(uint32_t nodes, uint32_t partitions) {
  ClusterMap map = topology::TestMap({.node_count = nodes, .partition_count = partitions});
  for (size_t i = 0; i < nodes; ++i) map.nodes[i].zone = "z" + std::to_string(i);
  const auto placement = *topology::PlanPlacement(map);
  for (size_t p = 0; p < placement.size(); ++p) {
    for (size_t s = 0; s < 3; ++s) map.partitions[p].slots[s] = Slot::Settled(placement[p][s]);
  }
  return map;
}

// What nodes of weight 0 hold, and what the others have above their fair share, has to move.
size_t LeastMoves(const ClusterMap& map, const std::vector<topology::Node>& nodes) {
  std::vector<uint32_t> counts = topology::ReplicaCounts(map);
  counts.resize(nodes.size(), 0);
  const auto total = static_cast<uint32_t>(map.partitions.size()) * map.replication_factor;
  const auto live = static_cast<uint32_t>(
      std::count_if(nodes.begin(), nodes.end(), [](const auto& n) { return n.weight > 0; }));
  size_t surplus = 0;
  size_t lack = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const uint32_t most = nodes[i].weight == 0 ? 0 : (total + live - 1) / live;
    const uint32_t least = nodes[i].weight == 0 ? 0 : total / live;
    if (counts[i] > most) surplus += counts[i] - most;
    if (counts[i] < least) lack += least - counts[i];
  }
  return std::max(surplus, lack);
}

void CheckPlan(const ClusterMap& map, const ChangePlan& plan, const std::string& what) {
  SCOPED_TRACE(what);
  std::vector<topology::Node> nodes = plan.next.nodes;
  const size_t least = LeastMoves(map, nodes);
  EXPECT_LE(static_cast<double>(plan.moves.size()), 1.05 * static_cast<double>(least) + 1e-9);
  const uint32_t total = static_cast<uint32_t>(map.partitions.size()) * map.replication_factor;
  const auto live = std::count_if(nodes.begin(), nodes.end(),
                                  [](const topology::Node& node) { return node.weight > 0; });
  for (size_t i = 0; i < nodes.size(); ++i) {
    const double share = nodes[i].weight == 0 ? 0.0 : static_cast<double>(total) / live;
    EXPECT_LE(std::abs(plan.nodes[i].replicas_after - share), 1.0) << nodes[i].id;
  }
  EXPECT_THAT(topology::ValidateSuccessor(map, plan.next), IsOk());
}

TEST(PlanPropertyTest, AddDrainRemoveReplaceMoveTheLeast) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 60; ++round) {
    const auto nodes = static_cast<uint32_t>(4 + random.Uniform(9));
    const ClusterMap map = EqualCluster(nodes, 16u << random.Uniform(5));
    const std::string one = map.nodes[random.Uniform(nodes)].id;
    topology::Node new_node = topology::TestNode(100);
    new_node.zone = "new";
    topology::Node other_node = topology::TestNode(101);
    other_node.zone = "other";
    const std::vector<std::pair<std::string, std::vector<Edit>>> changes = {
        {"add", {AddNode{new_node, ""}}},
        {"add two", {AddNode{new_node, ""}, AddNode{other_node, ""}}},
        {"drain", {DrainNode{one}}},
        {"remove", {RemoveNode{one}}},
        {"remove dead", {RemoveNode{one, true}}},
        {"replace", {ReplaceNode{one, new_node.id, AddNode{new_node, ""}}}},
        {"add and drain", {AddNode{new_node, ""}, DrainNode{one}}},
    };
    for (const auto& [what, edits] : changes) {
      const auto plan = MakePlan(map, {edits}, {});
      ASSERT_THAT(plan.status(), IsOk()) << what;
      CheckPlan(map, *plan, what);
    }
  }
}

}  // namespace
}  // namespace quorumcache::rebalance
