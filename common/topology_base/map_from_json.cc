// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/topology/validate.h"
#include "common/topology_base/map_json.h"

namespace quorumcache::topology_base {
namespace {

using boost::json::value;
using topology::NodeIndex;

using IndexById = std::map<absl::string_view, NodeIndex>;

// A map of 256 partitions takes less; larger ones go on to the heap.
constexpr size_t kParseBufferBytes = 256 * 1024;

absl::string_view View(boost::json::string_view text) {
  return {text.data(), text.size()};
}

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("cluster map: ", what));
}

absl::Status WrongType(absl::string_view wanted) {
  return Invalid(absl::StrCat("a member is not ", wanted));
}

absl::Status Read(const value& json, absl::string_view* out) {
  if (!json.is_string()) return WrongType("a text");
  *out = View(json.get_string());
  return absl::OkStatus();
}

absl::Status Read(const value& json, std::string* out) {
  absl::string_view text;
  QC_RETURN_IF_ERROR(Read(json, &text));
  out->assign(text.data(), text.size());
  return absl::OkStatus();
}

absl::Status Read(const value& json, uint32_t* out) {
  boost::json::error_code error;
  *out = json.to_number<uint32_t>(error);
  return error ? WrongType("a number of 32 bits") : absl::OkStatus();
}

absl::Status Read(const value& json, uint64_t* out) {
  const bool is_number = json.is_string() && absl::SimpleAtoi(View(json.get_string()), out);
  return is_number ? absl::OkStatus() : WrongType("a number of 64 bits in quotes");
}

absl::Status Read(const value& json, bool* out) {
  if (!json.is_bool()) return WrongType("true or false");
  *out = json.get_bool();
  return absl::OkStatus();
}

// For later: what it says needs the nodes.
absl::Status Read(const value& json, const value** out) {
  *out = &json;
  return absl::OkStatus();
}

// The members that `json` may have: a name, where its value goes, the next name, ...
bool ReadMember(absl::string_view, const value&, absl::Status*) {
  return false;
}
template <typename Out, typename... Others>
bool ReadMember(absl::string_view name, const value& json, absl::Status* status,
                absl::string_view known, Out* out, Others... others) {
  if (name != known) return ReadMember(name, json, status, others...);
  *status = Read(json, out);
  return true;
}

// Reads an object that has these members and no others. Those that are missing stay as they are.
template <typename... Members>
absl::Status ReadObject(const value& json, Members... members) {
  if (!json.is_object()) return WrongType("an object");
  for (const auto& [name, member] : json.get_object()) {
    absl::Status status;
    if (!ReadMember(View(name), member, &status, members...)) {
      return Invalid(absl::StrCat("this version knows no member \"", View(name), "\""));
    }
    QC_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

// Calls `read(item)` for each item; null: there is no list.
template <typename ReadItem>
absl::Status ReadList(const value* json, const ReadItem& read) {
  if (json == nullptr) return absl::OkStatus();
  if (!json->is_array()) return WrongType("a list");
  for (const value& item : json->get_array()) QC_RETURN_IF_ERROR(read(item));
  return absl::OkStatus();
}

absl::Status ReadNode(const value& json, topology::ClusterMap* map) {
  if (map->nodes.size() == limits::kNodesMax) {
    return Invalid(absl::StrCat("there are more than ", limits::kNodesMax, " nodes"));
  }
  topology::Node node{.weight = 0};
  QC_RETURN_IF_ERROR(ReadObject(json, "id", &node.id, "address", &node.address, "zone", &node.zone,
                                "weight", &node.weight, "incarnation", &node.incarnation));
  map->nodes.push_back(std::move(node));
  return absl::OkStatus();
}

absl::Status ReadNamespace(const value& json, topology::ClusterMap* map) {
  std::string name;
  uint32_t consistency = 0;
  QC_RETURN_IF_ERROR(ReadObject(json, "name", &name, "default_consistency", &consistency));
  // Before the cast, which would cut larger numbers down to good ones.
  if (consistency > static_cast<uint32_t>(model::Consistency::kAll)) {
    return Invalid(
        absl::StrCat("namespace \"", name, "\": ", consistency, " is not a consistency level"));
  }
  map->namespaces.push_back({std::move(name), static_cast<model::Consistency>(consistency)});
  return absl::OkStatus();
}

// What names nodes, with the index of every id.
class Reader {
 public:
  static absl::StatusOr<Reader> Make(const topology::ClusterMap& map) {
    Reader reader;
    for (const topology::Node& node : map.nodes) {
      const auto index = static_cast<NodeIndex>(reader.index_.size());
      if (!reader.index_.emplace(node.id, index).second) {
        return Invalid(absl::StrCat("two nodes have the id \"", node.id, "\""));
      }
    }
    return reader;
  }

  absl::Status ReadEntry(const value& json, topology::ClusterMap* map) const {
    topology::PartitionEntry entry;
    const value* slots = nullptr;
    QC_RETURN_IF_ERROR(ReadObject(json, "epoch", &entry.epoch, "ballot_floor_epoch",
                                  &entry.ballot_floor_epoch, "slots", &slots));
    QC_RETURN_IF_ERROR(ReadList(slots, [&](const value& item) { return ReadSlot(item, &entry); }));
    map->partitions.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status ReadChange(const value& json, topology::Change* change) const {
    const value* moves = nullptr;
    const value* removes = nullptr;
    const value* weights = nullptr;
    QC_RETURN_IF_ERROR(ReadObject(json, "id", &change->id, "summary", &change->summary,
                                  "moves_total", &change->moves_total, "moves", &moves, "removes",
                                  &removes, "weights_on_abort", &weights));
    QC_RETURN_IF_ERROR(ReadList(moves, [&](const value& item) { return ReadMove(item, change); }));
    QC_RETURN_IF_ERROR(ReadList(
        removes, [&](const value& item) { return ReadId(item, &change->removes.emplace_back()); }));
    return ReadList(weights, [&](const value& item) { return ReadWeight(item, change); });
  }

 private:
  absl::Status Find(absl::string_view id, NodeIndex* out) const {
    const auto found = index_.find(id);
    if (found == index_.end()) {
      return Invalid(absl::StrCat("node \"", id, "\" is named, and is not in the map"));
    }
    *out = found->second;
    return absl::OkStatus();
  }

  absl::Status ReadId(const value& json, NodeIndex* out) const {
    absl::string_view id;
    QC_RETURN_IF_ERROR(Read(json, &id));
    return Find(id, out);
  }

  absl::Status ReadSlot(const value& json, topology::PartitionEntry* entry) const {
    const value* ids = nullptr;
    bool is_vacant = false;
    QC_RETURN_IF_ERROR(ReadObject(json, "nodes", &ids, "vacant", &is_vacant));
    absl::InlinedVector<NodeIndex, 2> nodes;
    QC_RETURN_IF_ERROR(
        ReadList(ids, [&](const value& item) { return ReadId(item, &nodes.emplace_back()); }));
    if (nodes.empty() || nodes.size() > (is_vacant ? 1 : 2)) {
      return Invalid(absl::StrCat("a ", is_vacant ? "vacant slot" : "slot", " names ", nodes.size(),
                                  " nodes, must be ", is_vacant ? "1" : "1 or 2"));
    }
    entry->slots.push_back(is_vacant           ? topology::Slot::Vacant(nodes[0])
                           : nodes.size() == 1 ? topology::Slot::Settled(nodes[0])
                                               : topology::Slot::Moving(nodes[0], nodes[1]));
    return absl::OkStatus();
  }

  absl::Status ReadMove(const value& json, topology::Change* change) const {
    topology::PlannedMove move;
    uint32_t slot = 0;
    absl::string_view from;
    absl::string_view to;
    QC_RETURN_IF_ERROR(ReadObject(json, "partition", &move.partition, "slot", &slot, "from", &from,
                                  "to", &to, "from_is_dead", &move.from_is_dead));
    if (slot >= limits::kReplicasMax) return Invalid(absl::StrCat("a move names slot ", slot));
    move.slot = static_cast<uint8_t>(slot);
    QC_RETURN_IF_ERROR(Find(from, &move.from));
    QC_RETURN_IF_ERROR(Find(to, &move.to));
    change->moves.push_back(move);
    return absl::OkStatus();
  }

  absl::Status ReadWeight(const value& json, topology::Change* change) const {
    absl::string_view id;
    topology::NodeWeight weight;
    QC_RETURN_IF_ERROR(ReadObject(json, "node", &id, "weight", &weight.weight));
    QC_RETURN_IF_ERROR(Find(id, &weight.node));
    change->weights_on_abort.push_back(weight);
    return absl::OkStatus();
  }

  IndexById index_;
};

absl::StatusOr<topology::ClusterMap> ReadMap(const value& json) {
  topology::ClusterMap map;
  const value* nodes = nullptr;
  const value* partitions = nullptr;
  const value* namespaces = nullptr;
  const value* change = nullptr;
  QC_RETURN_IF_ERROR(ReadObject(json, "cluster_id", &map.cluster_id, "epoch", &map.epoch,
                                "replication_factor", &map.replication_factor, "nodes", &nodes,
                                "partitions", &partitions, "namespaces", &namespaces, "change",
                                &change));
  QC_RETURN_IF_ERROR(ReadList(nodes, [&](const value& item) { return ReadNode(item, &map); }));
  QC_ASSIGN_OR_RETURN(const Reader reader, Reader::Make(map));
  QC_RETURN_IF_ERROR(
      ReadList(partitions, [&](const value& item) { return reader.ReadEntry(item, &map); }));
  QC_RETURN_IF_ERROR(
      ReadList(namespaces, [&](const value& item) { return ReadNamespace(item, &map); }));
  if (change != nullptr) QC_RETURN_IF_ERROR(reader.ReadChange(*change, &map.change.emplace()));
  QC_RETURN_IF_ERROR(topology::Validate(map));
  return map;
}

}  // namespace

absl::StatusOr<topology::ClusterMap> FromJson(absl::string_view json) {
  boost::json::monotonic_resource memory(kParseBufferBytes);
  boost::json::error_code error;
  const value parsed =
      boost::json::parse(boost::json::string_view(json.data(), json.size()), error, &memory);
  if (error) return Invalid(absl::StrCat("its JSON does not parse: ", error.message()));
  return ReadMap(parsed);
}

}  // namespace quorumcache::topology_base
