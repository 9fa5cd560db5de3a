// SPDX-License-Identifier: Apache-2.0
// ReadOrder: in which order a read should prefer a partition's replicas.
//
// Settled slots come before moving and vacant ones, which cannot answer alone; among settled ones
// the local zone comes first. What is left open is used to spread load: over all partitions, each
// node stands first (and second, ...) as often as its weight asks for, because the first one sends
// the value and the others only digests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "common/model/replica_set.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::ring {

// Thread-compatible. Give it the partitions in order, each once: the result depends on those
// before.
class ReadOrder {
 public:
  // Borrows `map`.
  ReadOrder(const topology::ClusterMap& map, absl::string_view local_zone);

  // All nodes of the entry's slots, the most preferred first. O(N^2).
  absl::InlinedVector<model::Replica, 3> Order(const topology::PartitionEntry& entry);

 private:
  struct Candidate {
    model::Replica replica;
    // Lower is better: settled and local, settled, moving (holder, joiner), vacant.
    int rank = 0;
  };
  absl::InlinedVector<Candidate, 4> CandidatesOf(const topology::PartitionEntry& entry) const;
  int RankOf(const topology::Slot& slot, topology::NodeIndex node) const;
  // Whether `a` should be at `position` rather than `b`.
  bool IsBetter(const Candidate& a, const Candidate& b, size_t position) const;

  const topology::ClusterMap& map_;
  const std::string local_zone_;
  // [position][node]: how often the node has stood there.
  std::vector<std::vector<uint32_t>> times_at_;
};

}  // namespace quorumcache::ring
