// SPDX-License-Identifier: Apache-2.0
#include "common/topology/diff.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/check.h"

namespace quorumcache::topology {
namespace {

absl::string_view Name(model::Consistency consistency) {
  switch (consistency) {
    case model::Consistency::kOne:
      return "ONE";
    case model::Consistency::kQuorum:
      return "QUORUM";
    case model::Consistency::kAll:
      return "ALL";
    case model::Consistency::kUnspecified:
      break;
  }
  return "UNSPECIFIED";
}

class FieldList {
 public:
  explicit FieldList(std::vector<FieldChange>& out) : out_(out) {}
  void Compare(absl::string_view subject, absl::string_view field, absl::string_view before,
               absl::string_view after) {
    if (before == after) return;
    out_.push_back(
        {std::string(subject), std::string(field), std::string(before), std::string(after)});
  }

 private:
  std::vector<FieldChange>& out_;
};

void CompareNode(const Node& before, const Node& after, FieldList& out) {
  const std::string subject = absl::StrCat("node ", after.id);
  out.Compare(subject, "address", before.address, after.address);
  out.Compare(subject, "zone", before.zone, after.zone);
  out.Compare(subject, "weight", absl::StrCat(before.weight), absl::StrCat(after.weight));
  out.Compare(subject, "incarnation", absl::StrCat(before.incarnation),
              absl::StrCat(after.incarnation));
}

void CompareNodes(const ClusterMap& before, const ClusterMap& after, FieldList& out) {
  for (const Node& node : after.nodes) {
    const auto old_node = before.FindNode(node.id);
    if (old_node.has_value()) {
      CompareNode(before.nodes[*old_node], node, out);
    } else {
      out.Compare(absl::StrCat("node ", node.id), "", "", node.address);
    }
  }
  for (const Node& node : before.nodes) {
    if (after.FindNode(node.id).has_value()) continue;
    out.Compare(absl::StrCat("node ", node.id), "", node.address, "");
  }
}

void CompareNamespaces(const ClusterMap& before, const ClusterMap& after, FieldList& out) {
  for (const Namespace& entry : after.namespaces) {
    const std::string subject = absl::StrCat("namespace ", entry.name);
    const Namespace* old_entry = before.FindNamespace(entry.name);
    out.Compare(subject, old_entry == nullptr ? "" : "default_consistency",
                old_entry == nullptr ? "" : Name(old_entry->default_consistency),
                Name(entry.default_consistency));
  }
  for (const Namespace& entry : before.namespaces) {
    if (after.FindNamespace(entry.name) != nullptr) continue;
    out.Compare(absl::StrCat("namespace ", entry.name), "", Name(entry.default_consistency), "");
  }
}

void CompareChanges(const ClusterMap& before, const ClusterMap& after, FieldList& out) {
  const auto text = [](const ClusterMap& map) {
    if (!map.change.has_value()) return std::string();
    return absl::StrCat(map.change->summary, ", ", map.change->moves.size(), " of ",
                        map.change->moves_total, " moves to do");
  };
  out.Compare("change", "", text(before), text(after));
}

absl::string_view IdOf(const ClusterMap& map, NodeIndex node) {
  if (node == kNoNode) return "";
  QC_CHECK(node < map.nodes.size());
  return map.nodes[node].id;
}

// The ids in an entry's slots.
std::set<absl::string_view> IdsOf(const ClusterMap& map, size_t partition) {
  std::set<absl::string_view> ids;
  if (partition >= map.partitions.size()) return ids;
  for (const Slot& slot : map.partitions[partition].slots) {
    for (const NodeIndex node : slot.Nodes()) ids.insert(IdOf(map, node));
  }
  return ids;
}

bool SameEntry(const ClusterMap& before, const ClusterMap& after, size_t partition) {
  if (partition >= before.partitions.size() || partition >= after.partitions.size()) return false;
  const PartitionEntry& a = before.partitions[partition];
  const PartitionEntry& b = after.partitions[partition];
  return a.epoch == b.epoch && a.ballot_floor_epoch == b.ballot_floor_epoch &&
         std::equal(a.slots.begin(), a.slots.end(), b.slots.begin(), b.slots.end(),
                    [&](const Slot& x, const Slot& y) {
                      return IdOf(before, x.holder) == IdOf(after, y.holder) &&
                             IdOf(before, x.joiner) == IdOf(after, y.joiner);
                    });
}

using OwnershipById = std::map<absl::string_view, OwnershipChange>;

void CountPartition(const ClusterMap& before, const ClusterMap& after, size_t partition,
                    OwnershipById& ownership) {
  const std::set<absl::string_view> old_ids = IdsOf(before, partition);
  const std::set<absl::string_view> new_ids = IdsOf(after, partition);
  for (const absl::string_view id : old_ids) ++ownership[id].replicas_before;
  for (const absl::string_view id : new_ids) {
    ++ownership[id].replicas_after;
    if (old_ids.count(id) == 0) ++ownership[id].replicas_gained;
  }
}

// Nodes of the later map in its order, then those that are gone.
std::vector<absl::string_view> AllIds(const ClusterMap& before, const ClusterMap& after) {
  std::vector<absl::string_view> ids;
  for (const Node& node : after.nodes) ids.push_back(node.id);
  for (const Node& node : before.nodes) {
    if (!after.FindNode(node.id).has_value()) ids.push_back(node.id);
  }
  return ids;
}

void CompareOwnership(const ClusterMap& before, const ClusterMap& after, MapDiff& diff) {
  OwnershipById ownership;
  const size_t count = std::max(before.partitions.size(), after.partitions.size());
  for (size_t partition = 0; partition < count; ++partition) {
    if (!SameEntry(before, after, partition)) {
      diff.partitions.push_back(static_cast<uint32_t>(partition));
    }
    CountPartition(before, after, partition, ownership);
  }
  for (const absl::string_view id : AllIds(before, after)) {
    OwnershipChange change = ownership[id];
    change.node_id = std::string(id);
    if (change.replicas_gained == 0 && change.replicas_before == change.replicas_after) continue;
    diff.ownership.push_back(std::move(change));
  }
}

std::string Line(const FieldChange& change) {
  if (!change.field.empty()) {
    return absl::StrCat(change.subject, ": ", change.field, " ", change.before, " -> ",
                        change.after);
  }
  return change.before.empty() ? absl::StrCat(change.subject, ": new, ", change.after)
                               : absl::StrCat(change.subject, ": gone, was ", change.before);
}

std::string Line(const OwnershipChange& change) {
  return absl::StrCat("node ", change.node_id, ": replicas ", change.replicas_before, " -> ",
                      change.replicas_after, " (", change.replicas_gained, " to copy)");
}

}  // namespace

uint32_t MapDiff::ReplicasMoved() const {
  return std::accumulate(
      ownership.begin(), ownership.end(), uint32_t{0},
      [](uint32_t sum, const OwnershipChange& change) { return sum + change.replicas_gained; });
}

std::string MapDiff::ToString() const {
  std::vector<std::string> lines = {absl::StrCat("epoch ", epoch_before, " -> ", epoch_after)};
  for (const FieldChange& change : fields) lines.push_back(Line(change));
  for (const OwnershipChange& change : ownership) lines.push_back(Line(change));
  lines.push_back(absl::StrCat(partitions.size(), " partitions change, ", ReplicasMoved(),
                               " replicas to copy"));
  return absl::StrJoin(lines, "\n");
}

MapDiff Diff(const ClusterMap& before, const ClusterMap& after) {
  MapDiff diff;
  diff.epoch_before = before.epoch;
  diff.epoch_after = after.epoch;
  FieldList fields(diff.fields);
  CompareNodes(before, after, fields);
  CompareNamespaces(before, after, fields);
  CompareChanges(before, after, fields);
  CompareOwnership(before, after, diff);
  return diff;
}

}  // namespace quorumcache::topology
