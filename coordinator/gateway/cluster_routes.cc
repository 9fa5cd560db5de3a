// SPDX-License-Identifier: Apache-2.0
// GET /v1/cluster, /v1/cluster/nodes, /v1/cluster/locate: who holds what.
//
// Numbers of 64 random bits are hexadecimal strings: JSON readers keep only 53 bits of a number.
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/gateway/failure.h"
#include "coordinator/gateway/json_writer.h"
#include "coordinator/gateway/request_reader.h"
#include "coordinator/gateway/routes.h"

namespace quorumcache::gateway {
namespace {

using http::HttpRequest;
using http::HttpResponse;
using http::Responder;
using service::CacheError;
using service::ClusterView;
using service::KeyLocation;

std::string HexOf(uint64_t number) {
  return absl::StrCat(absl::Hex(number, absl::kZeroPad16));
}

boost::json::array NodesJson(const ClusterView& view) {
  boost::json::array nodes;
  for (const service::NodeView& node : view.nodes) {
    nodes.push_back({{"id", node.id},
                     {"address", node.address},
                     {"zone", node.zone},
                     {"weight", node.weight},
                     {"incarnation", HexOf(node.incarnation)},
                     {"health", node.up ? "up" : "down"},
                     {"partition_count", node.partition_count}});
  }
  return nodes;
}

boost::json::array PartitionsJson(const ClusterView& view) {
  boost::json::array partitions;
  for (const service::PartitionView& partition : view.partitions) {
    boost::json::array slots;
    for (const service::SlotView& slot : partition.slots) {
      slots.push_back({{"nodes", boost::json::array(slot.nodes.begin(), slot.nodes.end())},
                       {"vacant", slot.vacant}});
    }
    partitions.push_back({{"epoch", partition.epoch}, {"slots", std::move(slots)}});
  }
  return partitions;
}

HttpResponse ClusterAnswer(const ClusterView& view) {
  boost::json::array namespaces;
  for (const service::NamespaceView& one : view.namespaces) {
    namespaces.push_back(
        {{"name", one.name}, {"default_consistency", ConsistencyName(one.default_consistency)}});
  }
  return JsonResponse(200, {{"cluster_id", view.cluster_id},
                            {"epoch", view.epoch},
                            {"replication_factor", view.replication_factor},
                            {"nodes", NodesJson(view)},
                            {"partitions", PartitionsJson(view)},
                            {"namespaces", std::move(namespaces)}});
}

HttpResponse NodesAnswer(const ClusterView& view) {
  return JsonResponse(200, {{"epoch", view.epoch}, {"nodes", NodesJson(view)}});
}

HttpResponse LocationAnswer(const KeyLocation& location, absl::string_view key, bool encoded,
                            absl::string_view request_id) {
  if (!location.error.ok()) return Failure(location.error, request_id);
  boost::json::array replicas;
  for (const service::ReplicaView& replica : location.replicas) {
    boost::json::object object = {
        {"node_id", replica.node_id}, {"address", replica.address}, {"zone", replica.zone}};
    if (replica.error.empty()) {
      object["found"] = replica.found;
      object["tombstone"] = replica.tombstone;
      object["value_size_bytes"] = replica.value_size_bytes;
      PutVersion(replica.etag, replica.expire_at_ms, object);
    } else {
      object["error"] = replica.error;
    }
    replicas.push_back(std::move(object));
  }
  boost::json::object body;
  PutKey(key, encoded, body);
  body["token"] = HexOf(location.token);
  body["partition"] = location.partition;
  body["partition_epoch"] = location.partition_epoch;
  body["replicas"] = std::move(replicas);
  return JsonResponse(200, body);
}

http::HttpHandler Describe(service::CacheBackend& backend,
                           HttpResponse (*answer)(const ClusterView&)) {
  return [&backend, answer](HttpRequest request, Responder responder) {
    http::QueryParams query;
    CacheError error;
    if (!ReadQuery(request, {}, query, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    backend.DescribeCluster([=](ClusterView view) {
      responder.SendFrom([=, view = std::move(view)] { return answer(view); });
    });
  };
}

bool ReadLocate(const HttpRequest& request, http::QueryParams& query, std::string& key,
                CacheError& error) {
  if (!ReadQuery(request, {"key", "namespace", "enc"}, query, error)) return false;
  if (query.Find("key").has_value()) {
    return DecodeKey(*query.Find("key"), query, key, error);
  }
  error = BadRequest("KEY_INVALID", "the query parameter \"key\" is missing");
  return false;
}

}  // namespace

void AddClusterRoutes(service::CacheBackend& backend, http::Router& router) {
  router.Add(
      {.method = "GET", .pattern = "/v1/cluster", .handler = Describe(backend, ClusterAnswer)});
  router.Add(
      {.method = "GET", .pattern = "/v1/cluster/nodes", .handler = Describe(backend, NodesAnswer)});
  router.Add({.method = "GET",
              .pattern = "/v1/cluster/locate",
              .handler = [&backend](HttpRequest request, Responder responder) {
                http::QueryParams query;
                std::string key;
                CacheError error;
                if (!ReadLocate(request, query, key, error)) {
                  return responder.Send(Failure(error, request.request_id));
                }
                const bool encoded = query.Find("enc").has_value();
                backend.Locate(std::string(query.Find("namespace").value_or("")), key,
                               [=, id = request.request_id](KeyLocation location) {
                                 responder.Send(LocationAnswer(location, key, encoded, id));
                               });
              }});
}

}  // namespace quorumcache::gateway
