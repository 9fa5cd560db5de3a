// SPDX-License-Identifier: Apache-2.0
// World: garbage rounds, over the same network and nodes as everything else.
#include <algorithm>
#include <memory>
#include <utility>

#include "coordinator/quorum/slots.h"
#include "tests/sim/world.h"

namespace quorumcache::sim {

using model::ReplyStatus;
using replica::GarbageAction;
using replica::GarbageRound;
using Kind = GarbageAction::Kind;

void World::StartRound(const PlannedRound& planned) {
  const NodeState& home = nodes_[planned.node];
  if (!home.node->is_up() || home.gone) return;
  const model::ReplicaSet set = SetKnownTo(planned.node);
  const bool is_settled = set.vacant_slots == 0 && set.slot_count == set.replicas.size();
  if (!is_settled && !options_.garbage_while_moving) return;
  const uint64_t wall_ms = WallMs(nodes_[planned.node].wall);
  const replica::GarbageQuery query =
      replica::MakeGarbageQuery(0, set.epoch, wall_ms, static_cast<uint64_t>(planned.grace_ms));
  const uint64_t hlc =
      std::max(home.node->replica().highest_hlc(), model::HlcFromMillis(wall_ms)) + 1;
  replica::GarbageRoundOptions options;
  options.settle_ballot = {set.epoch, hlc, next_proposer_++};
  options.even_without_garbage = true;
  options.skip_confirm = options_.garbage_without_confirm;
  Round round;
  for (const model::Replica& member : set.replicas) {
    if (!member.joiner) round.nodes.push_back(static_cast<uint8_t>(member.node));
  }
  if (options_.garbage_of_majority) round.nodes.resize(set.Majority());
  round.round = std::make_unique<GarbageRound>(query, round.nodes.size(), options);
  round.node = planned.node;
  round.starts = home.node->starts();
  rounds_.push_back(std::move(round));
  const auto index = static_cast<uint32_t>(rounds_.size() - 1);
  PerformRound(index, rounds_[index].round->Start());
}

// A node goes by the map that it has heard of, which may be an old one.
model::ReplicaSet World::SetKnownTo(uint8_t node) const {
  if (topology_ == nullptr) return published_;
  const uint64_t epoch = topology_->nodes[node].map_epoch;
  const auto known = std::find_if(topology_->maps.begin(), topology_->maps.end(),
                                  [epoch](const auto& map) { return map.epoch == epoch; });
  return SetOf(known == topology_->maps.end() ? topology_->maps.front() : *known);
}

GarbageRound* World::LiveRound(uint32_t index) {
  Round& round = rounds_[index];
  const SimNode& home = *nodes_[round.node].node;
  if (!home.is_up() || home.starts() != round.starts) round.round.reset();
  return round.round.get();
}

void World::PerformRound(uint32_t index, const std::vector<GarbageAction>& actions) {
  using replica::Replica;
  for (const GarbageAction& action : actions) {
    Hash((static_cast<uint64_t>(action.kind) << 8) | action.replica);
    switch (action.kind) {
      case Kind::kDigest:
        AskForPage(index, action, &Replica::Digest, &GarbageRound::OnDigest);
        break;
      case Kind::kList:
        AskForPage(index, action, &Replica::ListEntries, &GarbageRound::OnEntries);
        break;
      case Kind::kRaiseFloor:
        AskForPage(index, action, &Replica::RaiseFloor, &GarbageRound::OnFloorRaised);
        break;
      case Kind::kDrop:
        AskForPage(index, action, &Replica::DropGarbage, &GarbageRound::OnDropped);
        break;
      default:
        AskForKey(index, action);
    }
  }
}

template <typename Page>
void World::AskForPage(uint32_t index, const GarbageAction& action,
                       Page (replica::Replica::*step)(const replica::GarbageQuery&, uint64_t),
                       std::vector<GarbageAction> (GarbageRound::*deliver)(size_t, const Page&)) {
  auto page = std::make_shared<Page>();
  replica::GarbageQuery query = action.query;
  const uint8_t asked = rounds_[index].nodes[action.replica];
  query.incarnation = 100 + asked;
  Ask(
      asked,
      [page, query, step](SimNode& node, uint64_t wall_ms) {
        *page = (node.replica().*step)(query, wall_ms);
      },
      [this, index, page, deliver, from = action.replica](bool answered) {
        GarbageRound* round = LiveRound(index);
        if (round == nullptr) return;
        if (!answered) page->status = ReplyStatus::kUnavailable;
        PerformRound(index, (round->*deliver)(from, *page));
      });
}

void World::AskForKey(uint32_t index, const GarbageAction& action) {
  auto request = std::make_shared<model::ReplicaRequest>();
  request->epoch = action.query.epoch;
  const uint8_t asked = rounds_[index].nodes[action.replica];
  request->incarnation = 100 + asked;
  request->key = model::Key{"default", "k"};
  if (action.kind == Kind::kPrepare) {
    request->body = model::PrepareRequest{action.ballot};
  } else if (action.kind == Kind::kAccept) {
    request->body = model::AcceptRequest{action.ballot, action.record, {}, false, action.is_repair};
  }
  auto reply = std::make_shared<model::ReplicaReply>();
  Ask(
      asked,
      [this, request, reply, asked](SimNode& node, uint64_t wall_ms) {
        *reply = node.Execute(std::span(request.get(), 1), wall_ms).front();
        monitor_.OnExecuted(asked, *request, *reply, node.floor(), wall_ms);
      },
      [this, index, reply, action](bool answered) {
        GarbageRound* round = LiveRound(index);
        if (round == nullptr) return;
        if (!answered) reply->status = ReplyStatus::kLost;
        const auto deliver = action.kind == Kind::kRead      ? &GarbageRound::OnRead
                             : action.kind == Kind::kPrepare ? &GarbageRound::OnPrepared
                                                             : &GarbageRound::OnAccepted;
        PerformRound(index, (round->*deliver)(action.replica, action.engine_key, *reply));
      });
}

}  // namespace quorumcache::sim
