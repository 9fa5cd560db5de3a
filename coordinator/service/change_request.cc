// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/topology/validate.h"

namespace quorumcache::service {
namespace {

using absl::StatusCode;
using topology::ClusterMap;

CacheError Refuse(StatusCode code, absl::string_view reason, std::string message) {
  CacheError error;
  error.code = code;
  error.reason = std::string(reason);
  error.message = absl::StrCat(message, ". Nothing was changed");
  return error;
}

CacheError Conflict(absl::string_view reason, std::string message) {
  return Refuse(StatusCode::kFailedPrecondition, reason, std::move(message));
}

// By id, else by address.
const topology::Node* FindMember(const ClusterMap& map, absl::string_view name) {
  const auto node = std::find_if(map.nodes.begin(), map.nodes.end(),
                                 [&](const auto& candidate) { return candidate.id == name; });
  if (node != map.nodes.end()) return &*node;
  const auto at = std::find_if(map.nodes.begin(), map.nodes.end(),
                               [&](const auto& candidate) { return candidate.address == name; });
  return at == map.nodes.end() ? nullptr : &*at;
}

// Without one the node is its own: it has a new disk.
std::string StandInAddress(const NodeReplacement& one, const topology::Node& dead) {
  const bool is_itself = one.with.address.empty() || one.with.address == dead.id;
  return is_itself ? dead.address : one.with.address;
}

CacheError NotFound(const ClusterMap& map, absl::string_view name) {
  const std::string known = absl::StrJoin(
      map.nodes, ", ",
      [](std::string* out, const topology::Node& node) { absl::StrAppend(out, node.id); });
  return Refuse(StatusCode::kNotFound, "NODE_NOT_FOUND",
                absl::StrCat("there is no node \"", name, "\"; there are ", known));
}

// Resolves one change, edit by edit; stops at the first error.
class Resolver {
 public:
  Resolver(const ClusterMap& map, const NodeFacts& facts, rebalance::ChangeRequest* request)
      : map_(map), facts_(facts), edits_(request->edits) {}

  CacheError Run(const ClusterChange& change) {
    if (change.empty()) {
      return Refuse(StatusCode::kInvalidArgument, "CHANGE_INVALID", "the change says nothing");
    }
    if (map_.change.has_value()) {
      return Conflict(
          "CHANGE_UNDER_WAY",
          absl::StrCat("\"", map_.change->summary, "\" is under way: wait for it, or abort it"));
    }
    for (const NodeReplacement& one : change.replace) Replace(one);
    for (const NodeAddition& one : change.add) Add(one);
    for (const WeightChange& one : change.weights) SetWeight(one);
    for (const ZoneChange& one : change.zones) {
      Edit(one.node_id, [&](const auto& node) { return rebalance::SetZone{node.id, one.zone}; });
    }
    for (const std::string& name : change.drain) Leave<rebalance::DrainNode>(name);
    for (const std::string& name : change.remove) Leave<rebalance::RemoveNode>(name);
    return error_;
  }

 private:
  // Calls `make` with the member of that name.
  template <typename Make>
  void Edit(const std::string& name, Make make) {
    if (!error_.ok()) return;
    const topology::Node* node = FindMember(map_, name);
    if (node == nullptr) {
      error_ = NotFound(map_, name);
    } else {
      edits_.push_back(make(*node));
    }
  }

  void SetWeight(const WeightChange& one) {
    Edit(one.node_id, [&](const topology::Node& node) {
      return rebalance::SetWeight{node.id, one.weight};
    });
    if (!error_.ok() || one.weight > 0) return;
    // It would be the same change under two names.
    error_ = Refuse(StatusCode::kInvalidArgument, "CHANGE_INVALID",
                    absl::StrCat("with weight 0 ", one.node_id,
                                 " would hold nothing: to take all partitions away from it, drain "
                                 "it (`qcctl node drain ",
                                 one.node_id, "`), else give it a weight of 1 or more"));
  }

  template <typename Departure>
  void Leave(const std::string& name) {
    Edit(name, [&](const topology::Node& node) {
      if constexpr (std::is_same_v<Departure, rebalance::RemoveNode>) {
        return rebalance::RemoveNode{node.id, facts_.silent.contains(node.id)};
      } else {
        return rebalance::DrainNode{node.id};
      }
    });
  }

  void Add(const NodeAddition& addition) {
    if (!error_.ok()) return;
    if (const topology::Node* member = FindMember(map_, addition.address)) {
      error_ = Conflict("ADDRESS_IN_USE",
                        absl::StrCat("node ", member->id, " already has address ", member->address,
                                     ": give the new one an address of its own"));
      return;
    }
    rebalance::AddNode node;
    if (!Join(addition, &node)) return;
    if (map_.FindNode(node.node.id).has_value()) {
      error_ =
          Conflict("NODE_EXISTS",
                   absl::StrCat("the node at ", addition.address, " calls itself ", node.node.id,
                                ", and there is a node of that name already: start the new "
                                "one with another --node-id, or `qcctl node replace ",
                                node.node.id, "`"));
      return;
    }
    edits_.push_back(std::move(node));
  }

  void Replace(const NodeReplacement& one) {
    if (!error_.ok()) return;
    const topology::Node* dead = FindMember(map_, one.dead_id);
    if (dead == nullptr) {
      error_ = NotFound(map_, one.dead_id);
      return;
    }
    rebalance::ReplaceNode edit{.dead = dead->id};
    NodeAddition addition = one.with;
    addition.address = StandInAddress(one, *dead);
    const topology::Node* member = FindMember(map_, addition.address);
    if (member != nullptr && member != dead) {
      edit.with = member->id;
    } else {
      rebalance::AddNode node;
      if (addition.zone.empty()) addition.zone = dead->zone;
      if (addition.weight == 0) addition.weight = dead->weight;
      if (!Join(addition, &node) || !CheckNewDisk(*dead, node.node)) return;
      edit.with = node.node.id;
      edit.node = std::move(node);
    }
    edits_.push_back(std::move(edit));
  }

  // Where a node replaces itself, it has a new disk, and all else is as it was.
  bool CheckNewDisk(const topology::Node& dead, const topology::Node& node) {
    if (node.id != dead.id) return true;
    if (node.address != dead.address) {
      error_ = Conflict("NODE_EXISTS",
                        absl::StrCat("the node at ", node.address, " calls itself ", node.id,
                                     ", but ", node.id, " is at ", dead.address,
                                     ": a node with a new disk keeps its address, one at a new "
                                     "address needs a name of its own"));
    } else if (node.incarnation == dead.incarnation) {
      error_ = Conflict("CHANGE_REFUSED", absl::StrCat("node ", dead.id,
                                                       " runs, and has the disk that the cluster "
                                                       "map knows: there is nothing to replace"));
    }
    return error_.ok();
  }

  // What the node at that address says of itself, checked.
  bool Join(const NodeAddition& addition, rebalance::AddNode* out) {
    error_ = CheckJoining(addition);
    if (!error_.ok()) return false;
    const NodeDescription& said = *facts_.joining.at(addition.address);
    out->node = {.id = said.node_id,
                 .address = addition.address,
                 .zone = addition.zone,
                 .weight = addition.weight == 0 ? limits::kNodeWeightDefault : addition.weight,
                 .incarnation = said.incarnation};
    out->cluster_id = said.cluster_id;
    return true;
  }

  CacheError CheckJoining(const NodeAddition& addition) const {
    if (const absl::Status valid = topology::ValidateAddress(addition.address); !valid.ok()) {
      return Refuse(StatusCode::kInvalidArgument, "CHANGE_INVALID", std::string(valid.message()));
    }
    const auto known = facts_.joining.find(addition.address);
    if (known == facts_.joining.end() || !known->second.ok()) {
      return Refuse(StatusCode::kUnavailable, "NODE_UNREACHABLE",
                    absl::StrCat("no storage node answers at ", addition.address,
                                 ": start it first, with the topology of this cluster"));
    }
    const NodeDescription& said = *known->second;
    if (said.cluster_id != map_.cluster_id) {
      return Conflict("OTHER_CLUSTER",
                      absl::StrCat("the node at ", addition.address, " belongs to cluster ",
                                   said.cluster_id, ", not to ", map_.cluster_id,
                                   ": to move it here, give it an empty data directory and this "
                                   "cluster's topology"));
    }
    if (!addition.id.empty() && addition.id != said.node_id) {
      return Refuse(StatusCode::kInvalidArgument, "CHANGE_INVALID",
                    absl::StrCat("the node at ", addition.address, " calls itself ", said.node_id,
                                 ", not ", addition.id, ": check the address"));
    }
    return CacheError();
  }

  const ClusterMap& map_;
  const NodeFacts& facts_;
  std::vector<rebalance::Edit>& edits_;
  CacheError error_;
};

NodeShareView ShowShare(const rebalance::NodePlan& planned, const topology::Node* before,
                        const topology::Node* after) {
  NodeShareView share;
  share.id = planned.id;
  const topology::Node* node = after != nullptr ? after : before;
  if (node != nullptr) {
    share.address = node->address;
    share.zone = node->zone;
  }
  share.replicas_before = planned.replicas_before;
  share.replicas_after = planned.replicas_after;
  share.is_new = before == nullptr;
  return share;
}

bool IsUnderWay(const ClusterMap& map, const topology::PlannedMove& move) {
  return !map.partitions[move.partition].slots[move.slot].IsSettled();
}

}  // namespace

std::set<std::string> JoiningAddresses(const ClusterChange& change, const ClusterMap& map) {
  std::set<std::string> addresses;
  for (const NodeAddition& one : change.add) addresses.insert(one.address);
  for (const NodeReplacement& one : change.replace) {
    const topology::Node* dead = FindMember(map, one.dead_id);
    if (dead != nullptr) addresses.insert(StandInAddress(one, *dead));
  }
  std::erase_if(addresses, [](const std::string& address) {
    return !topology::ValidateAddress(address).ok();
  });
  return addresses;
}

CacheError ResolveChange(const ClusterChange& change, const ClusterMap& map, const NodeFacts& facts,
                         rebalance::ChangeRequest* request) {
  return Resolver(map, facts, request).Run(change);
}

CacheError ChangeErrorOf(const absl::Status& status) {
  const std::string message(status.message());
  switch (status.code()) {
    case StatusCode::kNotFound:
      return Refuse(StatusCode::kNotFound, "NODE_NOT_FOUND", message);
    case StatusCode::kAlreadyExists:
      return Conflict("NODE_EXISTS", message);
    case StatusCode::kInvalidArgument:
      return Refuse(StatusCode::kInvalidArgument, "CHANGE_INVALID", message);
    case StatusCode::kAborted:
      return Conflict("EPOCH_MISMATCH", message);
    case StatusCode::kOutOfRange:
      return Conflict("TOO_FEW_NODES", message);
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
      return Refuse(StatusCode::kUnavailable, "TOPOLOGY_UNAVAILABLE", message);
    default:
      return Conflict("CHANGE_REFUSED", message);
  }
}

CacheError StoreErrorOf(const absl::Status& status) {
  std::string message(status.message());
  // The store cannot know that; who asks a coordinator has a cluster.
  if (absl::IsNotFound(status)) {
    absl::StrAppend(&message,
                    ". This cluster goes on with its last map; to put that back: "
                    "docs/OPERATIONS.md, \"The store is lost, or its map damaged\"");
  }
  return Refuse(StatusCode::kUnavailable, "TOPOLOGY_UNAVAILABLE", std::move(message));
}

CacheError EpochMismatch(uint64_t planned, uint64_t present) {
  return Conflict("EPOCH_MISMATCH",
                  absl::StrCat("the plan is of epoch ", planned, ", the cluster map is at ",
                               present, " by now: plan again"));
}

CacheError AbortEpochMismatch(uint64_t asked, uint64_t present) {
  return Conflict(
      "EPOCH_MISMATCH",
      absl::StrCat("the abort is meant for epoch ", asked, ", the cluster map is at ", present,
                   " by now: see what is under way, then abort without an "
                   "epoch or with that one"));
}

ChangePlan ShowPlan(const ClusterMap& before, const rebalance::ChangePlan& plan) {
  ChangePlan shown;
  shown.epoch = plan.map_epoch;
  shown.replicas_to_move = static_cast<uint32_t>(plan.moves.size());
  shown.bytes_to_move = plan.bytes_total;
  std::map<std::string, uint32_t> gained;
  for (const topology::PlannedMove& move : plan.moves) ++gained[plan.next.nodes[move.to].id];
  std::set<std::string> leaving;
  if (plan.next.change.has_value()) {
    for (const topology::NodeIndex node : plan.next.change->removes) {
      leaving.insert(plan.next.nodes[node].id);
    }
  }
  for (const rebalance::NodePlan& planned : plan.nodes) {
    NodeShareView share =
        ShowShare(planned, FindMember(before, planned.id), FindMember(plan.next, planned.id));
    share.replicas_gained = gained[planned.id];
    share.is_removed = leaving.contains(planned.id);
    shown.nodes.push_back(std::move(share));
  }
  return shown;
}

bool SizesAreKnown(const ClusterMap& map, const std::vector<topology::PlannedMove>& moves,
                   const std::set<std::string>& measured) {
  return std::all_of(moves.begin(), moves.end(), [&](const topology::PlannedMove& move) {
    const auto& slots = map.partitions[move.partition].slots;
    return std::any_of(slots.begin(), slots.end(), [&](const topology::Slot& slot) {
      return !slot.IsVacant() && measured.contains(map.nodes[slot.holder].id);
    });
  });
}

RebalanceView ShowRebalance(const ClusterMap& map) {
  RebalanceView view;
  view.epoch = map.epoch;
  if (!map.change.has_value()) return view;
  const topology::Change& change = *map.change;
  view.state = RebalanceState::kRunning;
  view.change_epoch = change.id;
  view.description = change.summary;
  view.replicas_total = change.moves_total;
  view.replicas_done = change.moves_total - static_cast<uint32_t>(change.moves.size());
  for (const topology::PlannedMove& move : change.moves) {
    if (!IsUnderWay(map, move)) continue;
    ++view.replicas_moving;
    view.transfers.push_back({.partition = move.partition,
                              .from = move.from_is_dead ? "" : map.nodes[move.from].id,
                              .to = map.nodes[move.to].id});
  }
  return view;
}

}  // namespace quorumcache::service
