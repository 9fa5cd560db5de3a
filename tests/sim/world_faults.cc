// SPDX-License-Identifier: Apache-2.0
// World: processes, disks, clocks and links that fail, and how all of it ends.
#include "tests/sim/world.h"

#include <algorithm>
#include <memory>

namespace quorumcache::sim {
namespace {

// Every message and every deadline of a plan is over by then.
constexpr int64_t kQuietUs = 400'000;
// A replica that starts takes its clock to be up to so much later than it had told anyone: the
// bound that it keeps on disk (storage_node/replica/replica.cc).
constexpr int64_t kRestartLeadMs = 100;

}  // namespace

void World::BeginFault(const PlannedFault& fault, uint32_t index) {
  SimNode& node = *nodes_[fault.node];
  Link& link = links_[fault.coordinator][fault.node];
  switch (fault.kind) {
    case FaultKind::kKillNode:
      node.Kill();
      break;
    case FaultKind::kPauseNode:
      paused_until_us_[fault.node] = now_us_ + fault.duration_us;
      return;
    case FaultKind::kPowerFailNode:
      node.Kill();
      node.engine().PowerFail(random_.Uniform(node.engine().unsynced_count() + 1));
      gone_[fault.node] = true;
      monitor_.OnDataLost(fault.node);
      return;
    case FaultKind::kWipeNode:
      node.Kill();
      node.Wipe(options_.wiped_node_keeps_identity ? node.incarnation() : 900 + fault.node);
      gone_[fault.node] = true;
      monitor_.OnDataLost(fault.node);
      break;
    case FaultKind::kDiskFull:
      node.engine().SetDiskFull(true);
      break;
    case FaultKind::kKillCoordinator:
      return KillCoordinator(fault.coordinator);
    case FaultKind::kCutRequests:
      link.requests_cut = true;
      break;
    case FaultKind::kCutReplies:
      link.replies_cut = true;
      break;
    case FaultKind::kCutBoth:
      link = Link{true, true};
      break;
    case FaultKind::kJumpNodeClock:
      node_offset_ms_[fault.node] += fault.amount_ms;
      break;
    case FaultKind::kJumpCoordinatorClock:
      coordinators_[fault.coordinator].offset_ms += fault.amount_ms;
      break;
  }
  for (int64_t offset_ms :
       {node_offset_ms_[fault.node], coordinators_[fault.coordinator].offset_ms}) {
    offset_min_ms_ = std::min(offset_min_ms_, offset_ms);
    offset_max_ms_ = std::max(offset_max_ms_, offset_ms);
  }
  Push(now_us_ + fault.duration_us, EventKind::kFaultEnd, index);
}

void World::EndFault(const PlannedFault& fault) {
  SimNode& node = *nodes_[fault.node];
  Link& link = links_[fault.coordinator][fault.node];
  const bool may_start =
      !node.is_up() && (!gone_[fault.node] || fault.kind == FaultKind::kWipeNode);
  switch (fault.kind) {
    case FaultKind::kKillNode:
    case FaultKind::kWipeNode:
      if (may_start) node.Start();
      restart_lead_ms_ += kRestartLeadMs;
      break;
    case FaultKind::kDiskFull:
      node.engine().SetDiskFull(false);
      break;
    case FaultKind::kCutRequests:
    case FaultKind::kCutReplies:
    case FaultKind::kCutBoth:
      link = Link{};
      break;
    default:
      break;
  }
}

void World::KillCoordinator(uint8_t coordinator) {
  for (Try& live : tries_) {
    if (live.coordinator == coordinator) live.operation.reset();
  }
  Coordinator& home = coordinators_[coordinator];
  home.clock = std::make_unique<model::HybridClock>();
  home.proposer = next_proposer_++;
  home.cached.reset();
}

// The end of all faults: everything that can come back is back, and all clocks agree.
void World::Heal() {
  now_us_ += kQuietUs;
  healed_ = true;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->engine().SetDiskFull(false);
    if (!nodes_[i]->is_up() && !gone_[i]) nodes_[i]->Start();
    node_offset_ms_[i] = offset_max_ms_;
  }
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    coordinators_[i].offset_ms = offset_max_ms_;
    links_[i].assign(nodes_.size(), Link{});
  }
}

}  // namespace quorumcache::sim
