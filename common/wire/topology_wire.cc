// SPDX-License-Identifier: Apache-2.0
#include "common/wire/topology_wire.h"

#include <google/protobuf/util/json_util.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/topology/validate.h"

namespace quorumcache::wire {
namespace {

namespace pb = internal::v1;
using topology::NodeIndex;

using IndexById = std::map<absl::string_view, NodeIndex>;

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("cluster map: ", what));
}

void NodeToProto(const topology::Node& node, pb::Node& out) {
  out.set_id(node.id);
  out.set_address(node.address);
  out.set_zone(node.zone);
  out.set_weight(node.weight);
  out.set_incarnation(node.incarnation);
}

topology::Node NodeFromProto(const pb::Node& node) {
  return {.id = node.id(),
          .address = node.address(),
          .zone = node.zone(),
          .weight = node.weight(),
          .incarnation = node.incarnation()};
}

void EntryToProto(const topology::ClusterMap& map, const topology::PartitionEntry& entry,
                  pb::PartitionEntry& out) {
  out.set_epoch(entry.epoch);
  out.set_ballot_floor_epoch(entry.ballot_floor_epoch);
  for (const topology::Slot& slot : entry.slots) {
    pb::Slot& slot_out = *out.add_slots();
    slot_out.set_vacant(slot.IsVacant());
    for (const NodeIndex node : slot.Nodes()) {
      QC_CHECK(node < map.nodes.size());
      slot_out.add_nodes(map.nodes[node].id);
    }
  }
}

void ChangeToProto(const topology::ClusterMap& map, const topology::Change& change,
                   pb::TopologyChange& out) {
  out.set_id(change.id);
  out.set_summary(change.summary);
  out.set_moves_total(change.moves_total);
  for (const topology::PlannedMove& move : change.moves) {
    pb::Move& move_out = *out.add_moves();
    move_out.set_partition(move.partition);
    move_out.set_slot(move.slot);
    move_out.set_from(map.nodes[move.from].id);
    move_out.set_to(map.nodes[move.to].id);
    move_out.set_from_is_dead(move.from_is_dead);
  }
  for (const NodeIndex node : change.removes) out.add_removes(map.nodes[node].id);
  for (const topology::NodeWeight& weight : change.weights_on_abort) {
    pb::NodeWeight& weight_out = *out.add_weights_on_abort();
    weight_out.set_node(map.nodes[weight.node].id);
    weight_out.set_weight(weight.weight);
  }
}

absl::StatusOr<NodeIndex> FindNode(const std::string& id, const IndexById& index) {
  const auto found = index.find(id);
  if (found != index.end()) return found->second;
  return Invalid(absl::StrCat("node \"", id, "\" is named, and is not in the map"));
}

absl::StatusOr<topology::Change> ChangeFromProto(const pb::TopologyChange& change,
                                                 const IndexById& index) {
  topology::Change out;
  out.id = change.id();
  out.summary = change.summary();
  out.moves_total = change.moves_total();
  for (const pb::Move& move : change.moves()) {
    if (move.slot() >= limits::kReplicasMax) {
      return Invalid(absl::StrCat("a move names slot ", move.slot()));
    }
    topology::PlannedMove move_out{.partition = move.partition(),
                                   .slot = static_cast<uint8_t>(move.slot()),
                                   .from_is_dead = move.from_is_dead()};
    QC_ASSIGN_OR_RETURN(move_out.from, FindNode(move.from(), index));
    QC_ASSIGN_OR_RETURN(move_out.to, FindNode(move.to(), index));
    out.moves.push_back(move_out);
  }
  for (const std::string& id : change.removes()) {
    QC_ASSIGN_OR_RETURN(const NodeIndex node, FindNode(id, index));
    out.removes.push_back(node);
  }
  for (const pb::NodeWeight& weight : change.weights_on_abort()) {
    QC_ASSIGN_OR_RETURN(const NodeIndex node, FindNode(weight.node(), index));
    out.weights_on_abort.push_back({node, weight.weight()});
  }
  return out;
}

absl::StatusOr<topology::Slot> SlotFromProto(const pb::Slot& slot, const IndexById& index) {
  const int nodes_max = slot.vacant() ? 1 : 2;
  if (slot.nodes_size() < 1 || slot.nodes_size() > nodes_max) {
    return Invalid(absl::StrCat("a ", slot.vacant() ? "vacant slot" : "slot", " names ",
                                slot.nodes_size(), " nodes, must be ",
                                slot.vacant() ? "1" : "1 or 2"));
  }
  QC_ASSIGN_OR_RETURN(const NodeIndex first, FindNode(slot.nodes(0), index));
  if (slot.vacant()) return topology::Slot::Vacant(first);
  if (slot.nodes_size() == 1) return topology::Slot::Settled(first);
  QC_ASSIGN_OR_RETURN(const NodeIndex second, FindNode(slot.nodes(1), index));
  return topology::Slot::Moving(first, second);
}

absl::StatusOr<topology::PartitionEntry> EntryFromProto(const pb::PartitionEntry& entry,
                                                        const IndexById& index) {
  topology::PartitionEntry out;
  out.epoch = entry.epoch();
  out.ballot_floor_epoch = entry.ballot_floor_epoch();
  for (const pb::Slot& slot : entry.slots()) {
    QC_ASSIGN_OR_RETURN(const topology::Slot slot_out, SlotFromProto(slot, index));
    out.slots.push_back(slot_out);
  }
  return out;
}

absl::StatusOr<topology::Namespace> NamespaceFromProto(const pb::Namespace& entry) {
  const uint32_t consistency = entry.default_consistency();
  // Before the cast, which would cut larger numbers down to good ones.
  if (consistency > static_cast<uint32_t>(model::Consistency::kAll)) {
    return Invalid(absl::StrCat("namespace \"", entry.name(), "\": ", consistency,
                                " is not a consistency level"));
  }
  return topology::Namespace{entry.name(), static_cast<model::Consistency>(consistency)};
}

// Index of every id; refuses more nodes than an index can name.
absl::StatusOr<IndexById> IndexNodes(const topology::ClusterMap& map) {
  if (map.nodes.size() > limits::kNodesMax) {
    return Invalid(absl::StrCat("there are ", map.nodes.size(), " nodes, at most ",
                                limits::kNodesMax, " are allowed"));
  }
  IndexById index;
  for (const topology::Node& node : map.nodes) {
    if (!index.emplace(node.id, static_cast<NodeIndex>(index.size())).second) {
      return Invalid(absl::StrCat("two nodes have the id \"", node.id, "\""));
    }
  }
  return index;
}

}  // namespace

pb::ClusterMap ToProto(const topology::ClusterMap& map) {
  pb::ClusterMap out;
  out.set_cluster_id(map.cluster_id);
  out.set_epoch(map.epoch);
  out.set_replication_factor(map.replication_factor);
  for (const topology::Node& node : map.nodes) NodeToProto(node, *out.add_nodes());
  for (const topology::PartitionEntry& entry : map.partitions) {
    EntryToProto(map, entry, *out.add_partitions());
  }
  for (const topology::Namespace& entry : map.namespaces) {
    pb::Namespace& entry_out = *out.add_namespaces();
    entry_out.set_name(entry.name);
    entry_out.set_default_consistency(static_cast<uint32_t>(entry.default_consistency));
  }
  if (map.change.has_value()) ChangeToProto(map, *map.change, *out.mutable_change());
  return out;
}

absl::StatusOr<topology::ClusterMap> FromProto(const pb::ClusterMap& proto) {
  topology::ClusterMap map;
  map.cluster_id = proto.cluster_id();
  map.epoch = proto.epoch();
  map.replication_factor = proto.replication_factor();
  for (const pb::Node& node : proto.nodes()) map.nodes.push_back(NodeFromProto(node));
  QC_ASSIGN_OR_RETURN(const IndexById index, IndexNodes(map));
  for (const pb::PartitionEntry& entry : proto.partitions()) {
    QC_ASSIGN_OR_RETURN(topology::PartitionEntry entry_out, EntryFromProto(entry, index));
    map.partitions.push_back(std::move(entry_out));
  }
  for (const pb::Namespace& entry : proto.namespaces()) {
    QC_ASSIGN_OR_RETURN(topology::Namespace entry_out, NamespaceFromProto(entry));
    map.namespaces.push_back(std::move(entry_out));
  }
  if (proto.has_change()) {
    QC_ASSIGN_OR_RETURN(map.change, ChangeFromProto(proto.change(), index));
  }
  QC_RETURN_IF_ERROR(topology::Validate(map));
  return map;
}

std::string ToJson(const topology::ClusterMap& map) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  QC_CHECK(google::protobuf::util::MessageToJsonString(ToProto(map), &json, options).ok());
  return json;
}

absl::StatusOr<topology::ClusterMap> FromJson(absl::string_view json) {
  pb::ClusterMap proto;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &proto);
  if (!parsed.ok()) {
    return Invalid(absl::StrCat("its JSON does not parse: ", parsed.ToString()));
  }
  return FromProto(proto);
}

}  // namespace quorumcache::wire
