// SPDX-License-Identifier: Apache-2.0
// World: processes, disks, clocks and links that fail, and how all of it ends.
#include "tests/sim/world.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "common/base/check.h"

namespace quorumcache::sim {
namespace {

// Every message and every deadline of a plan is over by then.
constexpr int64_t kQuietUs = 400'000;
// A replica that starts takes its clock to be up to so much later than it had told anyone: the
// bound that it keeps on disk (storage_node/replica/replica.cc).
constexpr int64_t kRestartLeadMs = 100;

}  // namespace

void World::BeginFault(const PlannedFault& fault, uint32_t index) {
  Count(fault.kind);
  switch (fault.kind) {
    case FaultKind::kKillCoordinator:
      KillCoordinator(fault.coordinator);
      break;
    case FaultKind::kPauseCoordinator:
      coordinators_[fault.coordinator].paused_until_us = now_us_ + fault.duration_us;
      break;
    case FaultKind::kCutRequests:
    case FaultKind::kCutReplies:
    case FaultKind::kCutBoth:
    case FaultKind::kIsolateNode:
      BeginCut(fault);
      break;
    case FaultKind::kNewEpoch:
      PublishEpoch();
      break;
    case FaultKind::kJumpNodeClock:
      nodes_[fault.node].wall.offset_ms += fault.amount_ms;
      break;
    case FaultKind::kJumpCoordinatorClock:
      coordinators_[fault.coordinator].wall.offset_ms += fault.amount_ms;
      break;
    default:
      BeginNodeFault(fault);
      break;
  }
  Push(now_us_ + fault.duration_us, EventKind::kFaultEnd, index);
}

void World::BeginNodeFault(const PlannedFault& fault) {
  NodeState& state = nodes_[fault.node];
  SimNode& node = *state.node;
  switch (fault.kind) {
    case FaultKind::kKillNode:
      node.Kill();
      break;
    case FaultKind::kPauseNode:
      state.paused_until_us = now_us_ + fault.duration_us;
      break;
    case FaultKind::kPowerFailNode:
      node.Kill();
      node.engine().PowerFail(random_.Uniform(node.engine().unsynced_count() + 1));
      LoseData(fault.node, options_.rolled_back_node_keeps_identity);
      break;
    case FaultKind::kWipeNode:
      node.Kill();
      node.Wipe();
      LoseData(fault.node, options_.wiped_node_keeps_identity);
      break;
    case FaultKind::kDiskFull:
      node.engine().SetDiskFull(true);
      break;
    case FaultKind::kFailFsync:
      node.engine().FailNextFsync();
      break;
    case FaultKind::kCorruptRecord:
      node.Kill();
      // Once: the same bit flipped twice would be whole again.
      if (!state.gone && node.CorruptKey(random_.Next())) {
        state.gone = true;
        monitor_.OnDataLost(fault.node);
      }
      break;
    default:
      QC_CHECK(false);
  }
}

// One direction or both, of one link or, where a node is isolated, of all that it has.
void World::BeginCut(const PlannedFault& fault) {
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    if (fault.kind != FaultKind::kIsolateNode && i != fault.coordinator) continue;
    Link& link = links_[i][fault.node];
    const bool first_way = fault.kind == FaultKind::kIsolateNode && fault.amount_ms < 0;
    const bool other_way = fault.kind == FaultKind::kIsolateNode && fault.amount_ms >= 0;
    if (fault.kind != FaultKind::kCutReplies && !other_way) link.requests_cut = true;
    if (fault.kind != FaultKind::kCutRequests && !first_way) link.replies_cut = true;
  }
}

void World::EndFault(const PlannedFault& fault) {
  SimNode& node = *nodes_[fault.node].node;
  switch (fault.kind) {
    case FaultKind::kFailFsync:
      node.Kill();
      [[fallthrough]];
    case FaultKind::kKillNode:
    case FaultKind::kPowerFailNode:
    case FaultKind::kWipeNode:
    case FaultKind::kCorruptRecord:
      if (!node.is_up()) StartNode(fault.node);
      restart_lead_ms_ += kRestartLeadMs;
      break;
    case FaultKind::kDiskFull:
      node.engine().SetDiskFull(false);
      break;
    case FaultKind::kCutRequests:
    case FaultKind::kCutReplies:
    case FaultKind::kCutBoth:
      links_[fault.coordinator][fault.node] = Link{};
      break;
    case FaultKind::kIsolateNode:
      for (std::vector<Link>& links : links_) links[fault.node] = Link{};
      break;
    case FaultKind::kNewEpoch:
      coordinators_[fault.coordinator].set = published_;
      break;
    default:
      break;
  }
}

// Nothing that it has said binds this node any more: it comes back as another incarnation, which is
// no member, or, by a planted bug, as if nothing had happened.
void World::LoseData(uint8_t node, bool keeps_identity) {
  monitor_.OnDataLost(node);
  if (keeps_identity) return;
  nodes_[node].node->ChangeIdentity(900 + node);
  nodes_[node].gone = true;
}

void World::StartNode(size_t node) {
  nodes_[node].node->Start(AssignmentOf(node));
  if (topology_ != nullptr) StartNodeTopology(static_cast<uint8_t>(node));
}

replica::PartitionAssignment World::AssignmentOf(size_t node) const {
  if (topology_ != nullptr) {
    const bool is_deaf = IsDeaf(plan_.deaf_nodes, static_cast<uint8_t>(node));
    const topology::ClusterMap& map = is_deaf ? topology_->maps.front() : topology_->map();
    return replica::AssignmentsOf(map, SelfOf(node))[0];
  }
  const bool is_member = std::any_of(published_.replicas.begin(), published_.replicas.end(),
                                     [node](const auto& member) { return member.node == node; });
  return {.partition = 0,
          .epoch = published_.epoch,
          .ballot_floor_epoch = published_.ballot_floor_epoch,
          .is_held = is_member};
}

// The members stay, and so does what they hold: only that there is a newer entry has to be learnt,
// by each node at its time or never, and by coordinators when they are told that theirs is old.
void World::PublishEpoch() {
  if (topology_ != nullptr) return RaiseEpochInMap();
  ++published_.epoch;
  if (random_.OneIn(2)) published_.ballot_floor_epoch = published_.epoch;
  for (uint8_t i = 0; i < nodes_.size(); ++i) {
    if (random_.OneIn(3)) continue;
    const replica::PartitionAssignment assignment = AssignmentOf(i);
    Ask(
        i, [assignment](SimNode& node, uint64_t) { node.Configure(assignment); }, [](bool) {});
  }
}

void World::KillCoordinator(uint8_t coordinator) {
  for (Try& live : tries_) {
    if (live.coordinator != coordinator) continue;
    live.operation.reset();
    live.died = true;
  }
  Coordinator& home = coordinators_[coordinator];
  home.clock = std::make_unique<model::HybridClock>();
  home.proposer = next_proposer_++;
  home.set = published_;
  home.cached.reset();
  if (topology_ == nullptr) return;
  StartDriver(coordinator);
  GiveLease(static_cast<uint8_t>(random_.Uniform(coordinators_.size())));
}

// The end of all faults: everything that can come back is back, and all clocks agree.
void World::Heal() {
  now_us_ += kQuietUs;
  healed_ = true;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    NodeState& state = nodes_[i];
    state.node->engine().SetDiskFull(false);
    if (!state.node->is_up()) StartNode(i);
    state.wall = SimClock{offset_max_ms_, 0};
  }
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    coordinators_[i].wall = SimClock{offset_max_ms_, 0};
    coordinators_[i].set = published_;
    links_[i].assign(nodes_.size(), Link{});
  }
  FinishTopology();
}

}  // namespace quorumcache::sim
