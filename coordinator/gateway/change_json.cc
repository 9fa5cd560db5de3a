// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/change_json.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "coordinator/gateway/failure.h"
#include "coordinator/gateway/json_reader.h"
#include "coordinator/gateway/json_writer.h"

namespace quorumcache::gateway {
namespace {

using service::CacheError;

bool Refuse(CacheError& error, std::string message) {
  error = BadRequest("JSON_INVALID", std::move(message));
  return false;
}

std::string TextOf(boost::json::string_view text) {
  return std::string(text.data(), text.size());
}

bool ReadIds(const boost::json::object& body, absl::string_view name, std::vector<std::string>& out,
             CacheError& error) {
  const boost::json::value* value = body.if_contains(JsonView(name));
  if (value == nullptr) return true;
  if (!value->is_array()) return Refuse(error, absl::StrCat("\"", name, "\" must be an array"));
  for (const boost::json::value& id : value->get_array()) {
    if (!id.is_string()) return Refuse(error, absl::StrCat("\"", name, "\" must hold node ids"));
    out.push_back(TextOf(id.get_string()));
  }
  return true;
}

bool ReadWeight(int64_t number, uint32_t& weight, CacheError& error) {
  if (number < 0 || number > int64_t{limits::kNodeWeightMax}) {
    return Refuse(error,
                  absl::StrCat("a weight must be a number from 0 to ", limits::kNodeWeightMax));
  }
  weight = static_cast<uint32_t>(number);
  return true;
}

bool ReadNodeDetails(const boost::json::object& object, service::NodeAddition& node,
                     CacheError& error) {
  int64_t weight = 0;
  return ReadOptionalString(object, "zone", node.zone, error) &&
         ReadOptionalString(object, "id", node.id, error) &&
         ReadOptionalInt(object, "weight", weight, error) && ReadWeight(weight, node.weight, error);
}

bool ReadNode(const boost::json::object& object, service::NodeAddition& node, CacheError& error) {
  return ReadString(object, "address", node.address, error) && ReadNodeDetails(object, node, error);
}

// Calls `read(object)` for each of an array of objects.
template <typename Read>
bool ReadObjects(const boost::json::object& body, absl::string_view name, CacheError& error,
                 Read read) {
  const boost::json::value* value = body.if_contains(JsonView(name));
  if (value == nullptr) return true;
  if (!value->is_array()) return Refuse(error, absl::StrCat("\"", name, "\" must be an array"));
  for (const boost::json::value& one : value->get_array()) {
    if (!one.is_object()) {
      return Refuse(error, absl::StrCat("\"", name, "\" must hold objects"));
    }
    if (!read(one.get_object())) return false;
  }
  return true;
}

bool ReadAdditions(const boost::json::object& body, service::ClusterChange& change,
                   CacheError& error) {
  return ReadObjects(body, "add", error, [&](const boost::json::object& object) {
    return CheckMembers(object, {"address", "zone", "weight", "id"}, error) &&
           ReadNode(object, change.add.emplace_back(), error);
  });
}

bool ReadReplacements(const boost::json::object& body, service::ClusterChange& change,
                      CacheError& error) {
  return ReadObjects(body, "replace", error, [&](const boost::json::object& object) {
    service::NodeReplacement& one = change.replace.emplace_back();
    return CheckMembers(object, {"dead", "address", "zone", "weight", "id"}, error) &&
           ReadString(object, "dead", one.dead_id, error) &&
           (!object.contains("address") ? ReadNodeDetails(object, one.with, error)
                                        : ReadNode(object, one.with, error));
  });
}

// An object with a node id in each name.
bool ReadNodeMap(const boost::json::object& body, absl::string_view name,
                 const boost::json::object*& out, CacheError& error) {
  static const boost::json::object kNone;
  const boost::json::value* value = body.if_contains(JsonView(name));
  out = &kNone;
  if (value == nullptr) return true;
  if (!value->is_object()) return Refuse(error, absl::StrCat("\"", name, "\" must be an object"));
  out = &value->get_object();
  return true;
}

bool ReadWeights(const boost::json::object& body, service::ClusterChange& change,
                 CacheError& error) {
  const boost::json::object* weights = nullptr;
  if (!ReadNodeMap(body, "weights", weights, error)) return false;
  for (const auto& member : *weights) {
    service::WeightChange& one = change.weights.emplace_back();
    one.node_id = TextOf(member.key());
    const int64_t number = member.value().is_int64() ? member.value().get_int64() : -1;
    if (!ReadWeight(number, one.weight, error)) return false;
  }
  return true;
}

bool ReadZones(const boost::json::object& body, service::ClusterChange& change, CacheError& error) {
  const boost::json::object* zones = nullptr;
  if (!ReadNodeMap(body, "zones", zones, error)) return false;
  for (const auto& member : *zones) {
    if (!member.value().is_string()) return Refuse(error, "a zone must be a string");
    change.zones.push_back({TextOf(member.key()), TextOf(member.value().get_string())});
  }
  return true;
}

const char* StateName(service::RebalanceState state) {
  switch (state) {
    case service::RebalanceState::kRunning:
      return "running";
    case service::RebalanceState::kAborting:
      return "aborting";
    case service::RebalanceState::kIdle:
      break;
  }
  return "idle";
}

}  // namespace

bool ReadEpoch(const boost::json::object& body, std::optional<uint64_t>& epoch, CacheError& error) {
  int64_t number = 0;
  if (!ReadOptionalInt(body, "epoch", number, error)) return false;
  if (number < 0) return Refuse(error, "\"epoch\" must be that of a cluster map");
  if (body.contains("epoch")) epoch = static_cast<uint64_t>(number);
  return true;
}

bool ReadChange(const boost::json::object& body, service::ClusterChange& change,
                std::optional<uint64_t>& epoch, CacheError& error) {
  return CheckMembers(body, {"epoch", "add", "drain", "remove", "replace", "weights", "zones"},
                      error) &&
         ReadEpoch(body, epoch, error) && ReadAdditions(body, change, error) &&
         ReadIds(body, "drain", change.drain, error) &&
         ReadIds(body, "remove", change.remove, error) && ReadReplacements(body, change, error) &&
         ReadWeights(body, change, error) && ReadZones(body, change, error);
}

boost::json::object PlanJson(const service::ChangePlan& plan) {
  boost::json::array nodes;
  for (const service::NodeShareView& node : plan.nodes) {
    nodes.push_back({{"id", node.id},
                     {"address", node.address},
                     {"zone", node.zone},
                     {"replicas_before", node.replicas_before},
                     {"replicas_after", node.replicas_after},
                     {"replicas_gained", node.replicas_gained},
                     {"is_new", node.is_new},
                     {"is_removed", node.is_removed}});
  }
  return {{"epoch", plan.epoch},
          {"nodes", std::move(nodes)},
          {"replicas_to_move", plan.replicas_to_move},
          {"bytes_to_move", plan.bytes_to_move},
          {"bytes_are_known", plan.bytes_are_known}};
}

boost::json::object RebalanceJson(const service::RebalanceView& view) {
  boost::json::array transfers;
  for (const service::TransferView& one : view.transfers) {
    transfers.push_back({{"partition", one.partition},
                         {"from", one.from},
                         {"to", one.to},
                         {"bytes", one.bytes},
                         {"records", one.records}});
  }
  boost::json::object object = {{"state", StateName(view.state)},
                                {"epoch", view.epoch},
                                {"description", view.description},
                                {"replicas_total", view.replicas_total},
                                {"replicas_done", view.replicas_done},
                                {"replicas_moving", view.replicas_moving},
                                {"bytes_moved", view.bytes_moved},
                                {"bytes_per_second", view.bytes_per_second},
                                {"bytes_per_second_max", view.bytes_per_second_max},
                                {"driver", view.driver},
                                {"problem", view.problem},
                                {"transfers", std::move(transfers)}};
  if (view.change_epoch != 0) object["change_epoch"] = view.change_epoch;
  if (view.last_ended) {
    object["last_ended"] = {{"change_epoch", view.last_ended->change_epoch},
                            {"description", view.last_ended->description},
                            {"was_aborted", view.last_ended->was_aborted}};
  }
  if (view.time_left) object["seconds_left"] = absl::ToInt64Seconds(*view.time_left);
  return object;
}

boost::json::object EventJson(const service::ClusterEvent& event) {
  return {{"epoch", event.epoch},
          {"nodes", event.nodes},
          {"nodes_up", event.nodes_up},
          {"rebalance", RebalanceJson(event.rebalance)}};
}

}  // namespace quorumcache::gateway
