// SPDX-License-Identifier: Apache-2.0
// The groups of routes that AddRoutes() (gateway.h) is made of, one file each.
#pragma once

#include "absl/strings/string_view.h"
#include "coordinator/gateway/gateway.h"

namespace quorumcache::gateway {

// GET, HEAD, PUT, DELETE of one key.
void AddKeyRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                  http::Router& router);
// POST keys:touch, :increment, :cas.
void AddVerbRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                   http::Router& router);
// POST keys:multiGet, :multiSet, :multiDelete.
void AddBatchRoutes(service::CacheBackend& backend, http::Router& router);
// GET keys: one page of a scan.
void AddScanRoutes(service::CacheBackend& backend, http::Router& router);
// GET /v1/cluster...
void AddClusterRoutes(service::CacheBackend& backend, http::Router& router);
// GET and DELETE /v1/slowlog.
void AddSlowLogRoutes(service::CacheBackend& backend, http::Router& router);
// /v1/cluster/changes, /v1/events, and the origin's /join and /leave.
void AddChangeRoutes(service::ClusterAdmin& admin, http::Router& router);
// The routes of the product's origin: /set, /get, /delete, /health.
void AddOriginRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                     http::Router& router);
// /livez, /readyz, /metrics, /openapi.json.
void AddProcessRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                      http::Router& router);

// Adds `handler` at /v1`tail` and at /v1/namespaces/{ns}`tail`.
void AddInNamespaces(http::Router& router, absl::string_view method, absl::string_view tail,
                     const http::HttpHandler& handler,
                     size_t body_bytes_max = limits::kHttpSmallBodyBytesMax);

// Largest request body with one value in it: base64 is a third longer, and the rest is envelope.
size_t ValueBodyBytesMax(const GatewayOptions& options);

}  // namespace quorumcache::gateway
