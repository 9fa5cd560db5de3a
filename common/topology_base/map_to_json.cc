// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/json/json.h"
#include "common/topology_base/map_json.h"

namespace quorumcache::topology_base {
namespace {

// An object, member by member, at the end of a text.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(*out) { out_.push_back('{'); }
  ~ObjectWriter() { out_.push_back('}'); }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void Add(absl::string_view name, absl::string_view text) {
    if (!text.empty()) AppendText(Member(name), text);
  }
  void Add(absl::string_view name, uint32_t number) {
    if (number != 0) absl::StrAppend(&Member(name), number);
  }
  void AddLong(absl::string_view name, uint64_t number) {
    if (number != 0) absl::StrAppend(&Member(name), "\"", number, "\"");
  }
  void AddTrue(absl::string_view name, bool flag) {
    if (flag) Member(name).append("true");
  }
  // `append(text, item)` writes one item.
  template <typename Items, typename Append>
  void AddList(absl::string_view name, const Items& items, const Append& append) {
    if (items.empty()) return;
    char separator = '[';
    Member(name);
    for (const auto& item : items) {
      out_.push_back(separator);
      append(&out_, item);
      separator = ',';
    }
    out_.push_back(']');
  }
  // Where the value of a member has to be written.
  std::string& Member(absl::string_view name) {
    if (!is_first_) out_.push_back(',');
    is_first_ = false;
    absl::StrAppend(&out_, "\"", name, "\":");
    return out_;
  }

  static void AppendText(std::string& out, absl::string_view text) {
    if (std::all_of(text.begin(), text.end(), IsPlain)) {
      absl::StrAppend(&out, "\"", text, "\"");
      return;
    }
    QC_CHECK(json::IsUtf8(text));
    out += boost::json::serialize(boost::json::string_view(text.data(), text.size()));
  }

 private:
  // As ids are, of which there are thousands.
  static bool IsPlain(char c) { return absl::ascii_isprint(c) && c != '"' && c != '\\'; }

  std::string& out_;
  bool is_first_ = true;
};

void AppendNode(std::string* out, const topology::Node& node) {
  ObjectWriter object(out);
  object.Add("id", node.id);
  object.Add("address", node.address);
  object.Add("zone", node.zone);
  object.Add("weight", node.weight);
  object.AddLong("incarnation", node.incarnation);
}

void AppendNamespace(std::string* out, const topology::Namespace& entry) {
  ObjectWriter object(out);
  object.Add("name", entry.name);
  object.Add("default_consistency", static_cast<uint32_t>(entry.default_consistency));
}

// What names nodes, with the map that knows their ids.
class Writer {
 public:
  explicit Writer(const topology::ClusterMap& map) : map_(map) {}

  void AppendMap(std::string* out) const {
    ObjectWriter object(out);
    object.Add("cluster_id", map_.cluster_id);
    object.AddLong("epoch", map_.epoch);
    object.Add("replication_factor", map_.replication_factor);
    object.AddList("nodes", map_.nodes, AppendNode);
    object.AddList("partitions", map_.partitions,
                   [this](std::string* text, const topology::PartitionEntry& entry) {
                     AppendEntry(text, entry);
                   });
    object.AddList("namespaces", map_.namespaces, AppendNamespace);
    if (map_.change.has_value()) AppendChange(&object.Member("change"), *map_.change);
  }

 private:
  void AppendEntry(std::string* out, const topology::PartitionEntry& entry) const {
    ObjectWriter object(out);
    object.Add("epoch", entry.epoch);
    object.Add("ballot_floor_epoch", entry.ballot_floor_epoch);
    object.AddList("slots", entry.slots, [this](std::string* text, const topology::Slot& slot) {
      AppendSlot(text, slot);
    });
  }

  void AppendChange(std::string* out, const topology::Change& change) const {
    ObjectWriter object(out);
    object.Add("id", change.id);
    object.Add("summary", change.summary);
    object.Add("moves_total", change.moves_total);
    object.AddList(
        "moves", change.moves,
        [this](std::string* text, const topology::PlannedMove& move) { AppendMove(text, move); });
    object.AddList("removes", change.removes,
                   [this](std::string* text, topology::NodeIndex node) { AppendId(text, node); });
    object.AddList("weights_on_abort", change.weights_on_abort,
                   [this](std::string* text, const topology::NodeWeight& weight) {
                     ObjectWriter item(text);
                     item.Add("node", Id(weight.node));
                     item.Add("weight", weight.weight);
                   });
  }

  absl::string_view Id(topology::NodeIndex node) const {
    QC_CHECK(node < map_.nodes.size());
    return map_.nodes[node].id;
  }
  void AppendId(std::string* out, topology::NodeIndex node) const {
    ObjectWriter::AppendText(*out, Id(node));
  }
  void AppendSlot(std::string* out, const topology::Slot& slot) const {
    ObjectWriter object(out);
    object.AddList("nodes", slot.Nodes(),
                   [this](std::string* text, topology::NodeIndex node) { AppendId(text, node); });
    object.AddTrue("vacant", slot.IsVacant());
  }
  void AppendMove(std::string* out, const topology::PlannedMove& move) const {
    ObjectWriter object(out);
    object.Add("partition", move.partition);
    object.Add("slot", uint32_t{move.slot});
    object.Add("from", Id(move.from));
    object.Add("to", Id(move.to));
    object.AddTrue("from_is_dead", move.from_is_dead);
  }

  const topology::ClusterMap& map_;
};

}  // namespace

std::string ToJson(const topology::ClusterMap& map) {
  std::string out;
  // A settled entry of three replicas with short ids takes about 100.
  out.reserve(512 + 128 * map.partitions.size());
  Writer(map).AppendMap(&out);
  return out;
}

}  // namespace quorumcache::topology_base
