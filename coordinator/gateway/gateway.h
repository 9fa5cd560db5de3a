// SPDX-License-Identifier: Apache-2.0
// The HTTP/JSON gateway: the routes of openapi.json over the same CacheBackend as gRPC.
//
//   http::Router router;
//   gateway::AddRoutes(backend, {.metrics_text = ...}, router);
//   QC_ASSIGN_OR_RETURN(auto server, http::Server::Start({.port = 7480}, router));
//
// A handler turns a request into a CacheRequest and hands it over; what is allowed (sizes, times to
// live, conditions) the backend decides, so that every door says the same. Its callback runs on the
// coordinator's event loop: answers that take work are made on the server's thread
// (Responder::SendFrom).
#pragma once

#include <functional>
#include <string>

#include "common/base/limits.h"
#include "common/http/router.h"
#include "coordinator/service/cache_backend.h"
#include "coordinator/service/cluster_admin.h"

namespace quorumcache::gateway {

struct GatewayOptions {
  // Bounds request bodies; the backend holds the limit itself.
  size_t value_size_bytes_max = limits::kValueSizeBytesMaxDefault;
  // The text of GET /metrics (Prometheus exposition format). Called on the server's thread. Empty:
  // no such route.
  std::function<std::string()> metrics_text;
  // Changes the cluster's shape; outlives the server. nullptr: no such routes.
  service::ClusterAdmin* admin = nullptr;
};

// Adds every route; openapi.json lists them. `backend` outlives the server that uses `router`.
void AddRoutes(service::CacheBackend& backend, const GatewayOptions& options, http::Router& router);

}  // namespace quorumcache::gateway
