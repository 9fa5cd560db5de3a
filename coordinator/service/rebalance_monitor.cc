// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/rebalance_monitor.h"

#include <algorithm>
#include <set>

namespace quorumcache::service {
namespace {

// Below this nothing can be said about speed.
constexpr absl::Duration kRateSpanMin = absl::Milliseconds(100);
// What a joiner said before this does not describe the present.
constexpr absl::Duration kRateAgeMax = absl::Seconds(5);

uint32_t MovesDone(const topology::Change& change) {
  return change.moves_total - static_cast<uint32_t>(change.moves.size());
}

}  // namespace

void RebalanceMonitor::OnMap(const topology::ClusterMap& map, base::MonotonicTime now) {
  map_ = map;
  const uint32_t change_id = map.change.has_value() ? map.change->id : 0;
  if (change_id == change_id_) return;
  change_id_ = change_id;
  seen_at_ = now;
  moves_seen_done_ = map.change.has_value() ? MovesDone(*map.change) : 0;
  received_.clear();
}

void RebalanceMonitor::OnStatus(const std::string& node_id,
                                const internal::v1::JoinStatusResponse& status,
                                base::MonotonicTime now) {
  bytes_per_second_max_ = std::max(bytes_per_second_max_, status.bytes_per_second_max());
  const auto [entry, is_new] = received_.try_emplace(node_id);
  Received& received = entry->second;
  // A joiner that was restarted counts from 0 again.
  if (is_new || status.bytes_received() < received.bytes) {
    received = Received{
        .first_bytes = status.bytes_received(), .bytes = status.bytes_received(), .at = now};
  } else if (const absl::Duration span = now - received.at; span >= kRateSpanMin) {
    received.bytes_per_second =
        static_cast<uint64_t>(static_cast<double>(status.bytes_received() - received.bytes) /
                              absl::ToDoubleSeconds(span));
    received.bytes = status.bytes_received();
    received.at = now;
  }
  received.joins.clear();
  for (const internal::v1::JoinState& join : status.joins()) {
    received.joins[join.partition()] = join;
  }
}

std::vector<topology::Node> RebalanceMonitor::Joiners() const {
  std::set<topology::NodeIndex> joiners;
  if (map_.change.has_value()) {
    for (const topology::PlannedMove& move : map_.change->moves) {
      const topology::Slot& slot = map_.partitions[move.partition].slots[move.slot];
      if (!slot.IsSettled()) joiners.insert(slot.joiner);
    }
  }
  std::vector<topology::Node> nodes;
  for (const topology::NodeIndex joiner : joiners) nodes.push_back(map_.nodes[joiner]);
  return nodes;
}

void RebalanceMonitor::Complete(RebalanceView* view, base::MonotonicTime now) const {
  if (!map_.change.has_value()) return;
  view->bytes_per_second_max = bytes_per_second_max_;
  for (const auto& [node_id, received] : received_) {
    view->bytes_moved += received.bytes - received.first_bytes;
    if (now - received.at <= kRateAgeMax) view->bytes_per_second += received.bytes_per_second;
  }
  for (TransferView& transfer : view->transfers) {
    const auto received = received_.find(transfer.to);
    if (received == received_.end()) continue;
    const auto join = received->second.joins.find(transfer.partition);
    if (join == received->second.joins.end()) continue;
    transfer.bytes = join->second.size_bytes();
    transfer.records = join->second.keys();
  }
  // By moves, not bytes: what a partition that waits will take is not known.
  const uint32_t done = MovesDone(*map_.change);
  if (done <= moves_seen_done_) return;
  const double per_move = absl::ToDoubleSeconds(now - seen_at_) / (done - moves_seen_done_);
  view->time_left = absl::Seconds(per_move * static_cast<double>(map_.change->moves.size()));
}

}  // namespace quorumcache::service
