// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_output.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/json_text.h"

namespace quorumcache::cli {
namespace {

absl::string_view HealthText(v1::NodeHealth health) {
  if (health == v1::NODE_HEALTH_UP) return "up";
  return health == v1::NODE_HEALTH_DOWN ? "down" : "unknown";
}

absl::string_view ConsistencyText(v1::Consistency consistency) {
  if (consistency == v1::CONSISTENCY_ONE) return "one";
  return consistency == v1::CONSISTENCY_ALL ? "all" : "quorum";
}

size_t NodesUp(const v1::GetClusterMapResponse& map) {
  return static_cast<size_t>(
      std::count_if(map.nodes().begin(), map.nodes().end(),
                    [](const v1::Node& node) { return node.health() == v1::NODE_HEALTH_UP; }));
}

std::vector<std::string> NamespaceTexts(const v1::GetClusterMapResponse& map) {
  std::vector<std::string> texts;
  for (const v1::Namespace& entry : map.namespaces()) {
    texts.push_back(
        absl::StrCat(entry.name(), " (", ConsistencyText(entry.default_consistency()), ")"));
  }
  return texts;
}

std::string StatusJson(const v1::GetClusterMapResponse& map) {
  const RangeCounts ranges = CountRanges(map);
  JsonObject range_object, object;
  range_object.AddUnsigned("all_ok", ranges.all_ok)
      .AddUnsigned("quorum", ranges.quorum)
      .AddUnsigned("lost", ranges.lost);
  std::vector<std::string> namespaces;
  for (const v1::Namespace& entry : map.namespaces()) {
    JsonObject one;
    namespaces.push_back(one.AddText("name", entry.name())
                             .AddText("consistency", ConsistencyText(entry.default_consistency()))
                             .Text());
  }
  return object.AddText("cluster_id", map.cluster_id())
      .AddBool("healthy", ranges.lost == 0)
      .AddUnsigned("epoch", map.epoch())
      .AddUnsigned("replication_factor", map.replication_factor())
      .AddInteger("nodes", map.nodes_size())
      .AddUnsigned("nodes_up", NodesUp(map))
      .AddInteger("partitions", map.partitions_size())
      .AddJson("ranges", range_object.Text())
      .AddJson("namespaces", JsonArray(namespaces))
      .Text();
}

std::string ReplicaState(const v1::ReplicaView& view) {
  if (!view.error().empty()) return "error: " + Printable(view.error());
  if (view.tombstone()) return "deleted";
  return view.found() ? "value" : "absent";
}

std::string ReplicaJson(const v1::ReplicaView& view) {
  JsonObject object;
  object.AddText("node", view.node_id())
      .AddText("address", view.address())
      .AddText("zone", view.zone());
  if (!view.error().empty()) return object.AddText("error", Printable(view.error())).Text();
  object.AddBool("found", view.found()).AddBool("tombstone", view.tombstone());
  if (!view.etag().empty()) object.AddText("etag", view.etag());
  if (view.found()) object.AddUnsigned("value_size_bytes", view.value_size_bytes());
  if (view.has_expire_time()) {
    object.AddText("expire_time", TimeText(ToTime(view.expire_time())));
  }
  return object.Text();
}

std::string LocationJson(absl::string_view key, const v1::LocateKeyResponse& response) {
  std::vector<std::string> replicas;
  for (const v1::ReplicaView& view : response.replicas()) replicas.push_back(ReplicaJson(view));
  JsonObject object;
  return object.AddText("key", Printable(key))
      .AddText("token", absl::StrFormat("%016x", response.token()))
      .AddUnsigned("partition", response.partition())
      .AddUnsigned("partition_epoch", response.partition_epoch())
      .AddJson("replicas", JsonArray(replicas))
      .Text();
}

}  // namespace

RangeCounts CountRanges(const v1::GetClusterMapResponse& map) {
  std::map<std::string, bool> up;
  for (const v1::Node& node : map.nodes()) up[node.id()] = node.health() == v1::NODE_HEALTH_UP;
  RangeCounts counts;
  for (const v1::Partition& partition : map.partitions()) {
    int good = 0;
    for (const v1::Slot& slot : partition.slots()) {
      const bool all_up = std::all_of(slot.nodes().begin(), slot.nodes().end(),
                                      [&](const std::string& id) { return up[id]; });
      if (all_up && !slot.vacant()) ++good;
    }
    if (good == partition.slots_size()) {
      ++counts.all_ok;
    } else if (good > partition.slots_size() / 2) {
      ++counts.quorum;
    } else {
      ++counts.lost;
    }
  }
  return counts;
}

std::string FormatStatus(OutputForm form, const v1::GetClusterMapResponse& map) {
  const RangeCounts ranges = CountRanges(map);
  const absl::string_view verdict = ranges.lost > 0     ? "partitions lost"
                                    : ranges.quorum > 0 ? "degraded"
                                                        : "healthy";
  if (form == OutputForm::kValue) return absl::StrCat(verdict, "\n");
  if (form == OutputForm::kJson) return StatusJson(map) + "\n";
  return absl::StrFormat(
      "cluster     %s\nstate       %s\nnodes       %d of %d up\nreplicas    %d of every key\n"
      "partitions  %d: %d whole, %d with a majority, %d lost\nepoch       %d\nnamespaces  %s\n",
      map.cluster_id(), verdict, NodesUp(map), map.nodes_size(), map.replication_factor(),
      map.partitions_size(), ranges.all_ok, ranges.quorum, ranges.lost, map.epoch(),
      absl::StrJoin(NamespaceTexts(map), ", "));
}

std::string FormatNodes(OutputForm form, const v1::GetClusterMapResponse& map) {
  std::vector<std::string> lines;
  std::vector<std::vector<std::string>> rows;
  for (const v1::Node& node : map.nodes()) {
    JsonObject object;
    lines.push_back(object.AddText("id", node.id())
                        .AddText("address", node.address())
                        .AddText("zone", node.zone())
                        .AddText("health", HealthText(node.health()))
                        .AddUnsigned("weight", node.weight())
                        .AddUnsigned("partitions", node.partition_count())
                        .AddText("incarnation", absl::StrFormat("%016x", node.incarnation()))
                        .Text());
    rows.push_back({node.id(), node.address(), node.zone().empty() ? "-" : node.zone(),
                    std::string(HealthText(node.health())), absl::StrCat(node.weight()),
                    absl::StrCat(node.partition_count()),
                    absl::StrFormat("%016x", node.incarnation())});
  }
  if (form == OutputForm::kJson) return JsonArray(lines) + "\n";
  if (form == OutputForm::kTable) {
    return FormatTable({"NODE", "ADDRESS", "ZONE", "HEALTH", "WEIGHT", "PARTITIONS", "INCARNATION"},
                       rows);
  }
  std::string out;
  for (const v1::Node& node : map.nodes()) absl::StrAppend(&out, node.id(), "\n");
  return out;
}

std::string FormatLocation(OutputForm form, absl::string_view key,
                           const v1::LocateKeyResponse& response) {
  if (form == OutputForm::kJson) return LocationJson(key, response) + "\n";
  std::vector<std::vector<std::string>> rows;
  std::string ids;
  for (const v1::ReplicaView& view : response.replicas()) {
    absl::StrAppend(&ids, view.node_id(), "\n");
    rows.push_back({view.node_id(), view.address(), view.zone().empty() ? "-" : view.zone(),
                    ReplicaState(view), view.etag().empty() ? "-" : view.etag(),
                    view.found() ? absl::StrCat(view.value_size_bytes()) : "-",
                    view.has_expire_time() ? TimeText(ToTime(view.expire_time())) : "never"});
  }
  if (form == OutputForm::kValue) return ids;
  return absl::StrFormat(
      "key        %s\ntoken      %016x\npartition  %d (epoch %d)\n\n%s", Printable(key),
      response.token(), response.partition(), response.partition_epoch(),
      FormatTable({"NODE", "ADDRESS", "ZONE", "HOLDS", "ETAG", "BYTES", "EXPIRES"}, rows));
}

}  // namespace quorumcache::cli
