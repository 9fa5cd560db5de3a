// SPDX-License-Identifier: Apache-2.0
#include "coordinator/ring/read_order.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/limits.h"

namespace quorumcache::ring {

ReadOrder::ReadOrder(const topology::ClusterMap& map, absl::string_view local_zone)
    : map_(map),
      local_zone_(local_zone),
      times_at_(limits::kReplicaNodesMax, std::vector<uint32_t>(map.nodes.size())) {}

int ReadOrder::RankOf(const topology::Slot& slot, topology::NodeIndex node) const {
  if (slot.IsVacant()) return 4;
  if (slot.IsMoving()) return node == slot.holder ? 2 : 3;
  return !local_zone_.empty() && map_.nodes[node].zone == local_zone_ ? 0 : 1;
}

absl::InlinedVector<ReadOrder::Candidate, 4> ReadOrder::CandidatesOf(
    const topology::PartitionEntry& entry) const {
  absl::InlinedVector<Candidate, 4> candidates;
  for (size_t i = 0; i < entry.slots.size(); ++i) {
    for (const topology::NodeIndex node : entry.slots[i].Nodes()) {
      QC_CHECK(node < map_.nodes.size());
      const bool joiner = node == entry.slots[i].joiner;
      candidates.push_back({{node, static_cast<uint8_t>(i), joiner}, RankOf(entry.slots[i], node)});
    }
  }
  QC_CHECK(candidates.size() <= limits::kReplicaNodesMax);
  return candidates;
}

bool ReadOrder::IsBetter(const Candidate& a, const Candidate& b, size_t position) const {
  if (a.rank != b.rank) return a.rank < b.rank;
  // times / weight, without the division; a node with weight 0 is on its way out and comes last.
  const auto share = [&](const Candidate& one, const Candidate& other) {
    return (uint64_t{times_at_[position][one.replica.node]} + 1) *
           map_.nodes[other.replica.node].weight;
  };
  return share(a, b) < share(b, a);
}

absl::InlinedVector<model::Replica, 3> ReadOrder::Order(const topology::PartitionEntry& entry) {
  absl::InlinedVector<Candidate, 4> candidates = CandidatesOf(entry);
  absl::InlinedVector<model::Replica, 3> order;
  for (size_t position = 0; position < candidates.size(); ++position) {
    const auto best = std::min_element(
        candidates.begin() + position, candidates.end(),
        [&](const Candidate& a, const Candidate& b) { return IsBetter(a, b, position); });
    // Keeps the others in slot order: ties go to the lower slot.
    std::rotate(candidates.begin() + position, best, best + 1);
    order.push_back(candidates[position].replica);
    ++times_at_[position][order.back().node];
  }
  return order;
}

}  // namespace quorumcache::ring
