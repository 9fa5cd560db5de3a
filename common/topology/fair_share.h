// SPDX-License-Identifier: Apache-2.0
// How many replicas each node should hold, before anybody asks which.
//
// The fair share of a node is in proportion to its weight, as far as two limits allow: a node holds
// at most one replica of a partition (P in all), and a zone at most as many of a partition as
// spreading over zones permits (1 each where there are N zones). What a full node or zone cannot
// take, the others take by weight: max-min fairness by progressive filling (Bertsekas, Gallager,
// "Data Networks", 1992, 6.5.2), in whole numbers, so that every machine comes to the same result.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace quorumcache::topology {

struct WeightedNode {
  // In [0, ShareRequest::zone_count).
  uint32_t zone = 0;
  // 0: gets nothing.
  uint32_t weight = 0;
};

struct ShareRequest {
  std::vector<WeightedNode> nodes;
  uint32_t zone_count = 0;
  // P and N.
  uint32_t partition_count = 0;
  uint32_t replication_factor = 0;
};

// The exact share lies between the two; they are equal or differ by one.
struct ShareBounds {
  uint32_t min = 0;
  uint32_t max = 0;
  friend bool operator==(const ShareBounds&, const ShareBounds&) = default;
};

struct FairShares {
  // Index = node, index = zone. There are whole numbers within all of these bounds that add up to P
  // * N, and a placement with exactly these numbers.
  std::vector<ShareBounds> nodes;
  std::vector<ShareBounds> zones;
  // Index = zone: replicas of one partition in it, at most. 1 where there are N zones with a
  // weight; with fewer the least number that its share needs, which spreads partitions as far as
  // balance lets them.
  std::vector<uint32_t> zone_replicas_max;
};

// FAILED_PRECONDITION: fewer than N nodes have a weight. O(nodes^2) at worst.
absl::StatusOr<FairShares> ComputeFairShares(const ShareRequest& request);

}  // namespace quorumcache::topology
