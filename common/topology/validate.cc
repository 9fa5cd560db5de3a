// SPDX-License-Identifier: Apache-2.0
#include "common/topology/validate.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/model/key.h"

namespace quorumcache::topology {
namespace {

absl::Status Invalid(absl::string_view what, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("cluster map: ", what, ": ", why));
}

bool IsNameChar(char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

bool IsName(absl::string_view text, size_t size_bytes_max) {
  return !text.empty() && text.size() <= size_bytes_max &&
         std::all_of(text.begin(), text.end(), IsNameChar) && absl::ascii_isalnum(text.front());
}

bool IsIpv6Char(char c) {
  return absl::ascii_isxdigit(c) || c == ':' || c == '.';
}

bool IsHost(absl::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(), IsIpv6Char);
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), IsNameChar);
}

bool IsPort(absl::string_view port) {
  uint32_t number = 0;
  // All digits: SimpleAtoi would take spaces and signs, too.
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(port, &number) && number >= 1 && number <= 65535;
}

absl::Status ValidateNode(const Node& node) {
  QC_RETURN_IF_ERROR(ValidateNodeId(node.id));
  QC_RETURN_IF_ERROR(ValidateAddress(node.address));
  QC_RETURN_IF_ERROR(ValidateZone(node.zone));
  if (node.weight > limits::kNodeWeightMax) {
    return Invalid(absl::StrCat("node ", node.id),
                   absl::StrCat("weight is ", node.weight, ", at most ", limits::kNodeWeightMax,
                                " is allowed (100 is an ordinary node)"));
  }
  return absl::OkStatus();
}

absl::Status ValidateNodes(const ClusterMap& map) {
  if (map.nodes.size() > limits::kNodesMax) {
    return Invalid("nodes", absl::StrCat("there are ", map.nodes.size(), ", at most ",
                                         limits::kNodesMax, " are allowed"));
  }
  std::set<absl::string_view> ids;
  std::set<absl::string_view> addresses;
  for (const Node& node : map.nodes) {
    QC_RETURN_IF_ERROR(ValidateNode(node));
    if (!ids.insert(node.id).second) {
      return Invalid(absl::StrCat("node ", node.id), "two nodes have this id");
    }
    if (!addresses.insert(node.address).second) {
      return Invalid(absl::StrCat("node ", node.id),
                     absl::StrCat("another node has the address ", node.address, ", too"));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateNamespace(const Namespace& entry) {
  if (const absl::Status name = model::ValidateNamespaceName(entry.name); !name.ok()) {
    return Invalid(absl::StrCat("namespace \"", entry.name, "\""), name.message());
  }
  switch (entry.default_consistency) {
    case model::Consistency::kOne:
    case model::Consistency::kQuorum:
    case model::Consistency::kAll:
      return absl::OkStatus();
    case model::Consistency::kUnspecified:
      break;
  }
  return Invalid(absl::StrCat("namespace ", entry.name),
                 "its default consistency must be ONE, QUORUM or ALL");
}

absl::Status ValidateNamespaces(const ClusterMap& map) {
  if (map.namespaces.size() > limits::kNamespacesMax) {
    return Invalid("namespaces", absl::StrCat("there are ", map.namespaces.size(), ", at most ",
                                              limits::kNamespacesMax, " are allowed"));
  }
  std::set<absl::string_view> names;
  for (const Namespace& entry : map.namespaces) {
    QC_RETURN_IF_ERROR(ValidateNamespace(entry));
    if (!names.insert(entry.name).second) {
      return Invalid(absl::StrCat("namespace ", entry.name), "it is there twice");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateShape(const ClusterMap& map) {
  if (!IsName(map.cluster_id, limits::kNodeIdSizeBytesMax)) {
    return Invalid("cluster_id", absl::StrCat("\"", map.cluster_id,
                                              "\" is not 1 to 64 of [A-Za-z0-9._-] with a letter "
                                              "or digit first"));
  }
  if (map.epoch == 0 || map.epoch > std::numeric_limits<uint32_t>::max()) {
    return Invalid("epoch", absl::StrCat("is ", map.epoch, ", must be 1 to 2^32 - 1"));
  }
  if (map.replication_factor == 0 || map.replication_factor > limits::kReplicasMax) {
    return Invalid("replication_factor", absl::StrCat("is ", map.replication_factor,
                                                      ", must be 1 to ", limits::kReplicasMax));
  }
  if (map.replication_factor > map.nodes.size()) {
    return Invalid("replication_factor", absl::StrCat("is ", map.replication_factor, ", but only ",
                                                      map.nodes.size(), " nodes are there"));
  }
  const size_t count = map.partitions.size();
  if (!std::has_single_bit(count) || count > limits::kPartitionsMax) {
    return Invalid("partitions",
                   absl::StrCat("there are ", count, ", must be a power of two up to ",
                                limits::kPartitionsMax));
  }
  return absl::OkStatus();
}

absl::Status ValidateSlots(const PartitionEntry& entry, size_t node_count, absl::string_view what) {
  absl::InlinedVector<NodeIndex, 8> seen;
  size_t unsettled = 0;
  for (const Slot& slot : entry.slots) {
    const auto nodes = slot.Nodes();
    if (nodes.empty()) return Invalid(what, "a slot names no node");
    for (const NodeIndex node : nodes) {
      if (node >= node_count) return Invalid(what, "a slot names a node that is not in the map");
      if (std::find(seen.begin(), seen.end(), node) != seen.end()) {
        return Invalid(what, absl::StrCat("node number ", node, " is in it twice"));
      }
      seen.push_back(node);
    }
    unsettled += slot.IsSettled() ? 0 : 1;
  }
  if (unsettled > 1) return Invalid(what, "more than one of its slots is moving or vacant");
  return absl::OkStatus();
}

absl::Status ValidateEntry(const ClusterMap& map, size_t partition) {
  const PartitionEntry& entry = map.partitions[partition];
  const std::string what = absl::StrCat("partition ", partition);
  if (entry.epoch == 0 || entry.epoch > map.epoch) {
    return Invalid(
        what, absl::StrCat("its epoch is ", entry.epoch, ", must be 1 to the map's ", map.epoch));
  }
  if (entry.ballot_floor_epoch > entry.epoch) {
    return Invalid(what, absl::StrCat("its ballot_floor_epoch ", entry.ballot_floor_epoch,
                                      " is above its epoch ", entry.epoch));
  }
  if (entry.slots.size() != map.replication_factor) {
    return Invalid(what,
                   absl::StrCat("it has ", entry.slots.size(), " slots, the replication factor is ",
                                map.replication_factor));
  }
  return ValidateSlots(entry, map.nodes.size(), what);
}

// The slot is where the move has it: not begun, or under way.
bool MoveFits(const PlannedMove& move, const Slot& slot) {
  if (slot == Slot::Settled(move.from)) return true;
  return slot == (move.from_is_dead ? Slot::Vacant(move.to) : Slot::Moving(move.from, move.to));
}

absl::Status ValidateMove(const ClusterMap& map, const PlannedMove& move) {
  const std::string what = absl::StrCat("change: move of partition ", move.partition);
  const size_t node_count = map.nodes.size();
  if (move.partition >= map.partitions.size() || move.slot >= map.replication_factor ||
      move.from >= node_count || move.to >= node_count) {
    return Invalid(what, "it names a partition, slot or node that is not there");
  }
  if (move.from == move.to && !move.from_is_dead) return Invalid(what, "it goes nowhere");
  if (!MoveFits(move, map.partitions[move.partition].slots[move.slot])) {
    return Invalid(what, absl::StrCat("slot ", move.slot, " is not on its way from ",
                                      map.nodes[move.from].id, " to ", map.nodes[move.to].id));
  }
  return absl::OkStatus();
}

absl::Status ValidateChange(const ClusterMap& map, const Change& change) {
  if (change.moves.size() > change.moves_total) {
    return Invalid("change",
                   absl::StrCat("it has ", change.moves.size(), " moves of ", change.moves_total));
  }
  std::set<std::pair<uint32_t, uint8_t>> moved;
  for (const PlannedMove& move : change.moves) {
    QC_RETURN_IF_ERROR(ValidateMove(map, move));
    moved.emplace(move.partition, move.slot);
  }
  if (moved.size() != change.moves.size()) return Invalid("change", "a slot moves twice");
  for (uint32_t partition = 0; partition < map.partitions.size(); ++partition) {
    const auto& slots = map.partitions[partition].slots;
    for (uint8_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot].IsSettled() || moved.count({partition, slot}) == 1) continue;
      return Invalid("change", absl::StrCat("slot ", slot, " of partition ", partition,
                                            " is under way, and no move of it is listed"));
    }
  }
  for (const NodeIndex node : change.removes) {
    if (node >= map.nodes.size()) return Invalid("change", "it removes a node that is not there");
  }
  for (const NodeWeight& weight : change.weights_on_abort) {
    if (weight.node >= map.nodes.size() || weight.weight > limits::kNodeWeightMax) {
      return Invalid("change", "it names a weight, or a node, that cannot be");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateNodeId(absl::string_view id) {
  if (IsName(id, limits::kNodeIdSizeBytesMax)) return absl::OkStatus();
  return Invalid("node id", absl::StrCat("\"", id,
                                         "\" is not 1 to 64 of [A-Za-z0-9._-] with a letter or "
                                         "digit first"));
}

absl::Status ValidateAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon != absl::string_view::npos && address.size() <= limits::kAddressSizeBytesMax &&
      IsHost(address.substr(0, colon)) && IsPort(address.substr(colon + 1))) {
    return absl::OkStatus();
  }
  return Invalid("node address", absl::StrCat("\"", address,
                                              "\" is not host:port, like 10.0.0.7:7400, "
                                              "cache-1.example:7400 or [::1]:7400"));
}

absl::Status ValidateZone(absl::string_view zone) {
  if (zone.empty() || IsName(zone, limits::kZoneSizeBytesMax)) return absl::OkStatus();
  return Invalid("zone", absl::StrCat("\"", zone,
                                      "\" is neither empty nor 1 to 64 of [A-Za-z0-9._-] with a "
                                      "letter or digit first"));
}

absl::Status Validate(const ClusterMap& map) {
  QC_RETURN_IF_ERROR(ValidateShape(map));
  QC_RETURN_IF_ERROR(ValidateNodes(map));
  QC_RETURN_IF_ERROR(ValidateNamespaces(map));
  for (size_t partition = 0; partition < map.partitions.size(); ++partition) {
    QC_RETURN_IF_ERROR(ValidateEntry(map, partition));
  }
  if (map.change.has_value()) return ValidateChange(map, *map.change);
  return absl::OkStatus();
}

}  // namespace quorumcache::topology
