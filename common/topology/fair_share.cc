// SPDX-License-Identifier: Apache-2.0
#include "common/topology/fair_share.h"

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::topology {
namespace {

// Replicas per unit of weight among those that are not full, as an exact fraction. Products stay
// far below 2^64: replicas < 2^17, weights < 2^24.
struct Level {
  uint64_t replicas = 0;
  uint64_t weight = 0;

  // level * weight > limit?
  bool Exceeds(uint64_t weight_of_one, uint64_t limit) const {
    return replicas * weight_of_one > limit * weight;
  }
  ShareBounds Share(uint64_t weight_of_one) const {
    if (weight_of_one == 0) return {};
    QC_CHECK(weight >= weight_of_one);
    const uint64_t product = replicas * weight_of_one;
    return {static_cast<uint32_t>(product / weight),
            static_cast<uint32_t>((product + weight - 1) / weight)};
  }
};

ShareBounds Exactly(uint64_t replicas) {
  return {static_cast<uint32_t>(replicas), static_cast<uint32_t>(replicas)};
}

// Nodes that share a pool of replicas by weight, except for the full ones.
struct Group {
  std::vector<uint32_t> nodes;
  uint64_t open_weight = 0;
  uint64_t full_count = 0;
};

class Filling {
 public:
  Filling(const ShareRequest& request, uint32_t zone_replicas_max)
      : request_(request),
        zone_limit_(node_limit() * zone_replicas_max),
        zones_(request.zone_count),
        zone_full_(request.zone_count),
        node_full_(request.nodes.size()) {
    for (uint32_t i = 0; i < request.nodes.size(); ++i) {
      QC_CHECK(request.nodes[i].zone < request.zone_count);
      zones_[request.nodes[i].zone].nodes.push_back(i);
    }
    for (Group& zone : zones_) Reopen(zone);
  }

  // Nodes and zones that get their limit are taken out until the rest is below it. What is left for
  // the others only grows by that, so nothing that was full once would have room again.
  FairShares Run() {
    do {
      while (MarkFullNodes()) {
      }
    } while (MarkFullZones());
    return Result();
  }

 private:
  uint64_t node_limit() const { return request_.partition_count; }

  void Reopen(Group& zone) {
    zone.open_weight = 0;
    zone.full_count = 0;
    for (const uint32_t node : zone.nodes) {
      node_full_[node] = false;
      zone.open_weight += request_.nodes[node].weight;
    }
  }

  // What the zones that are not full share.
  Level CommonLevel() const {
    Level level{uint64_t{request_.partition_count} * request_.replication_factor, 0};
    for (size_t z = 0; z < zones_.size(); ++z) {
      const uint64_t taken = zone_full_[z] ? zone_limit_ : zones_[z].full_count * node_limit();
      QC_CHECK(level.replicas >= taken);
      level.replicas -= taken;
      if (!zone_full_[z]) level.weight += zones_[z].open_weight;
    }
    return level;
  }

  // What the nodes of a full zone share.
  Level LevelWithin(const Group& zone) const {
    const uint64_t taken = zone.full_count * node_limit();
    QC_CHECK(zone_limit_ >= taken);
    return {zone_limit_ - taken, zone.open_weight};
  }

  bool MarkFullNodes(Group& zone, const Level& level) {
    bool marked = false;
    for (const uint32_t node : zone.nodes) {
      const uint32_t weight = request_.nodes[node].weight;
      if (node_full_[node] || !level.Exceeds(weight, node_limit())) continue;
      node_full_[node] = true;
      zone.open_weight -= weight;
      ++zone.full_count;
      marked = true;
    }
    return marked;
  }

  bool MarkFullNodes() {
    const Level level = CommonLevel();
    bool marked = false;
    for (size_t z = 0; z < zones_.size(); ++z) {
      if (!zone_full_[z] && MarkFullNodes(zones_[z], level)) marked = true;
    }
    return marked;
  }

  // A full zone has a lower level of its own, at which fewer of its nodes are full.
  void FillWithin(Group& zone) {
    Reopen(zone);
    while (MarkFullNodes(zone, LevelWithin(zone))) {
    }
  }

  bool IsZoneFull(const Group& zone, const Level& level) const {
    const uint64_t taken = zone.full_count * node_limit();
    return taken > zone_limit_ || level.Exceeds(zone.open_weight, zone_limit_ - taken);
  }

  bool MarkFullZones() {
    const Level level = CommonLevel();
    bool marked = false;
    for (size_t z = 0; z < zones_.size(); ++z) {
      if (zone_full_[z] || !IsZoneFull(zones_[z], level)) continue;
      zone_full_[z] = true;
      FillWithin(zones_[z]);
      marked = true;
    }
    return marked;
  }

  ShareBounds ZoneShare(size_t z, const Level& level) const {
    if (zone_full_[z]) return Exactly(zone_limit_);
    const uint32_t taken = static_cast<uint32_t>(zones_[z].full_count * node_limit());
    const ShareBounds open = level.Share(zones_[z].open_weight);
    return {taken + open.min, taken + open.max};
  }

  FairShares Result() const {
    FairShares shares;
    shares.nodes.resize(request_.nodes.size());
    const Level common = CommonLevel();
    QC_CHECK(common.weight > 0 || common.replicas == 0);
    for (size_t z = 0; z < zones_.size(); ++z) {
      shares.zones.push_back(ZoneShare(z, common));
      const Level level = zone_full_[z] ? LevelWithin(zones_[z]) : common;
      for (const uint32_t node : zones_[z].nodes) {
        shares.nodes[node] =
            node_full_[node] ? Exactly(node_limit()) : level.Share(request_.nodes[node].weight);
      }
    }
    return shares;
  }

  const ShareRequest& request_;
  const uint64_t zone_limit_;
  std::vector<Group> zones_;
  std::vector<bool> zone_full_;
  std::vector<bool> node_full_;
};

uint32_t WeightedZoneCount(const ShareRequest& request) {
  std::set<uint32_t> zones;
  for (const WeightedNode& node : request.nodes) {
    if (node.weight > 0) zones.insert(node.zone);
  }
  return static_cast<uint32_t>(zones.size());
}

}  // namespace

absl::StatusOr<FairShares> ComputeFairShares(const ShareRequest& request) {
  const auto eligible = std::count_if(request.nodes.begin(), request.nodes.end(),
                                      [](const WeightedNode& node) { return node.weight > 0; });
  if (eligible < request.replication_factor) {
    return absl::FailedPreconditionError(absl::StrCat("placement: ", request.replication_factor,
                                                      " replicas need as many nodes, but ",
                                                      eligible, " have a weight above 0"));
  }
  const uint32_t partition_count = request.partition_count;
  const bool enough_zones = WeightedZoneCount(request) >= request.replication_factor;
  FairShares shares = Filling(request, enough_zones ? 1 : request.replication_factor).Run();
  for (const ShareBounds& zone : shares.zones) {
    const uint32_t needed = (zone.max + partition_count - 1) / partition_count;
    shares.zone_replicas_max.push_back(enough_zones ? 1 : needed);
  }
  return shares;
}

}  // namespace quorumcache::topology
