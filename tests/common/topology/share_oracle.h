// SPDX-License-Identifier: Apache-2.0
// A slow and different way to the fair shares, to judge fair_share.h by.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "common/topology/fair_share.h"

namespace quorumcache::topology {

// Raises a water level by bisection in floating point: share_i = min(P, level * weight_i), a zone
// takes at most `zone_limit` replicas, and within a zone that is full the level stands lower.
class ShareOracle {
 public:
  explicit ShareOracle(const ShareRequest& request) : request_(request) {
    std::set<uint32_t> zones;
    for (const WeightedNode& node : request.nodes) {
      if (node.weight > 0) zones.insert(node.zone);
    }
    zone_limit_ = request.partition_count;
    if (zones.size() < request.replication_factor) zone_limit_ *= request.replication_factor;
  }

  // Index = node. Exact to about 1e-6.
  std::vector<double> Shares() const {
    const double total = double{1} * request_.partition_count * request_.replication_factor;
    const double level = Bisect(total, [&](double x) { return ClusterTakes(x); });
    std::vector<double> shares(request_.nodes.size());
    for (uint32_t zone = 0; zone < request_.zone_count; ++zone) {
      const double zone_total = std::min(zone_limit_, ZoneTakes(zone, level));
      const double zone_level = Bisect(zone_total, [&](double x) { return ZoneTakes(zone, x); });
      for (size_t i = 0; i < shares.size(); ++i) {
        if (request_.nodes[i].zone == zone) shares[i] = NodeTakes(i, zone_level);
      }
    }
    return shares;
  }

 private:
  double NodeTakes(size_t node, double level) const {
    return std::min<double>(request_.partition_count, level * request_.nodes[node].weight);
  }
  double ZoneTakes(uint32_t zone, double level) const {
    double sum = 0;
    for (size_t i = 0; i < request_.nodes.size(); ++i) {
      if (request_.nodes[i].zone == zone) sum += NodeTakes(i, level);
    }
    return sum;
  }
  double ClusterTakes(double level) const {
    double sum = 0;
    for (uint32_t zone = 0; zone < request_.zone_count; ++zone) {
      sum += std::min(zone_limit_, ZoneTakes(zone, level));
    }
    return sum;
  }

  // The lowest level at which `takes` reaches `total`; a weight is at least 1, so P is high enough.
  template <typename Function>
  double Bisect(double total, Function takes) const {
    double low = 0;
    double high = request_.partition_count;
    for (int i = 0; i < 80; ++i) {
      const double middle = (low + high) / 2;
      (takes(middle) < total ? low : high) = middle;
    }
    return high;
  }

  const ShareRequest& request_;
  double zone_limit_ = 0;
};

}  // namespace quorumcache::topology
