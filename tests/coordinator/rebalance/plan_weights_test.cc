// SPDX-License-Identifier: Apache-2.0
// Plans of changed weights and zones, several nodes at once: exactly as few moves as there can be,
// and everybody within one partition of a fair share, both found the slow way.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/topology/placement.h"
#include "coordinator/rebalance/plan.h"
#include "gtest/gtest.h"
#include "tests/common/topology/move_oracle.h"
#include "tests/common/topology/share_oracle.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::rebalance {
namespace {

using support::IsOk;
using topology::ClusterMap;

constexpr uint32_t kZones = 4;

std::string ZoneName(uint64_t number) {
  return "z" + std::to_string(number);
}

// Balanced, with weights and zones of all kinds.
ClusterMap RandomMap(base::Random& random) {
  const auto nodes = static_cast<uint32_t>(4 + random.Uniform(6));
  ClusterMap map =
      topology::TestMap({.node_count = nodes, .partition_count = 8u << random.Uniform(3)});
  for (size_t i = 0; i < nodes; ++i) {
    map.nodes[i].zone = ZoneName(i % kZones);
    map.nodes[i].weight = static_cast<uint32_t>(50 + random.Uniform(150));
  }
  const topology::Placement placement = *topology::PlanPlacement(map);
  for (size_t p = 0; p < placement.size(); ++p) {
    for (size_t s = 0; s < placement[p].size(); ++s) {
      map.partitions[p].slots[s] = topology::Slot::Settled(placement[p][s]);
    }
  }
  return map;
}

// Some of the nodes, each changed in one way, and up to two new ones.
std::vector<Edit> RandomEdits(const ClusterMap& map, base::Random& random) {
  std::vector<Edit> edits;
  for (size_t i = 0; i < map.nodes.size() && edits.size() < 3; ++i) {
    const std::string& id = map.nodes[i].id;
    const uint64_t dice = random.Uniform(4);
    if (dice == 0) edits.push_back(SetWeight{id, static_cast<uint32_t>(random.Uniform(300) + 1)});
    if (dice == 1) edits.push_back(SetZone{id, ZoneName(random.Uniform(kZones + 1))});
  }
  for (uint64_t added = random.Uniform(3); added > 0; --added) {
    topology::Node node = topology::TestNode(static_cast<uint32_t>(100 + added));
    node.zone = ZoneName(random.Uniform(kZones + 1));
    edits.push_back(AddNode{node, ""});
  }
  if (edits.empty()) edits.push_back(DrainNode{map.nodes[0].id});
  return edits;
}

topology::ShareRequest RequestOf(const ClusterMap& map) {
  topology::ShareRequest request;
  request.partition_count = static_cast<uint32_t>(map.partitions.size());
  request.replication_factor = map.replication_factor;
  std::map<std::string, uint32_t> zones;
  for (const topology::Node& node : map.nodes) zones.emplace(node.zone, 0);
  for (auto& [name, index] : zones) index = request.zone_count++;
  for (const topology::Node& node : map.nodes) {
    request.nodes.push_back({zones[node.zone], node.weight});
  }
  return request;
}

size_t LeastMoves(const ClusterMap& before, const topology::ShareRequest& request) {
  topology::HolderSets holders(before.partitions.size());
  for (size_t p = 0; p < holders.size(); ++p) {
    for (const topology::Slot& slot : before.partitions[p].slots) {
      holders[p].push_back(slot.holder);
    }
  }
  const topology::FairShares shares = *topology::ComputeFairShares(request);
  return static_cast<size_t>(topology::MoveOracle(request, shares, holders).MovesMin());
}

TEST(PlanWeightsTest, WeightsZonesAndSeveralNodesAtOnceMoveTheLeastAndEndBalanced) {
  base::Random random(support::TestSeed());
  size_t moves = 0;
  for (int round = 0; round < 150; ++round) {
    SCOPED_TRACE(round);
    const ClusterMap map = RandomMap(random);

    const auto plan = MakePlan(map, {RandomEdits(map, random)}, {});

    ASSERT_THAT(plan.status(), IsOk());
    // What the nodes are when all is done; `next` still has the old placement.
    const topology::ShareRequest request = RequestOf(plan->next);
    EXPECT_EQ(plan->moves.size(), LeastMoves(map, request)) << plan->summary;
    const std::vector<double> shares = topology::ShareOracle(request).Shares();
    for (size_t i = 0; i < shares.size(); ++i) {
      EXPECT_LE(std::abs(plan->nodes[i].replicas_after - shares[i]), 1.0)
          << plan->summary << ": " << plan->nodes[i].id;
    }
    moves += plan->moves.size();
  }
  EXPECT_GT(moves, 0u);
}

}  // namespace
}  // namespace quorumcache::rebalance
