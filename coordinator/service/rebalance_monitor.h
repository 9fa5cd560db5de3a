// SPDX-License-Identifier: Apache-2.0
// RebalanceMonitor: how fast a change goes, from what joiners say every now and then.
//
// Pure: time arrives as an argument.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/topology/cluster_map.h"
#include "coordinator/service/cluster_admin.h"
#include "quorumcache/internal/v1/transfer.pb.h"

namespace quorumcache::service {

// Thread-compatible.
class RebalanceMonitor {
 public:
  // Every map, in order.
  void OnMap(const topology::ClusterMap& map, base::MonotonicTime now);
  // What one node has answered.
  void OnStatus(const std::string& node_id, const internal::v1::JoinStatusResponse& status,
                base::MonotonicTime now);

  // The nodes that copy something now.
  std::vector<topology::Node> Joiners() const;
  // Adds bytes, speed and time left to a view of the same map.
  void Complete(RebalanceView* view, base::MonotonicTime now) const;

 private:
  // What one joiner has said twice.
  struct Received {
    uint64_t first_bytes = 0;
    uint64_t bytes = 0;
    uint64_t bytes_per_second = 0;
    base::MonotonicTime at;
    std::map<uint32_t, internal::v1::JoinState> joins;
  };

  topology::ClusterMap map_;
  // Of the change under way, since this coordinator has seen it.
  uint32_t change_id_ = 0;
  base::MonotonicTime seen_at_;
  uint32_t moves_seen_done_ = 0;
  uint64_t bytes_per_second_max_ = 0;
  std::map<std::string, Received> received_;
};

}  // namespace quorumcache::service
