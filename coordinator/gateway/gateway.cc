// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/gateway.h"

#include "absl/strings/str_cat.h"
#include "coordinator/gateway/routes.h"

namespace quorumcache::gateway {

size_t ValueBodyBytesMax(const GatewayOptions& options) {
  return options.value_size_bytes_max / 3 * 4 + limits::kHttpSmallBodyBytesMax;
}

void AddInNamespaces(http::Router& router, absl::string_view method, absl::string_view tail,
                     const http::HttpHandler& handler, size_t body_bytes_max) {
  for (const char* head : {"/v1", "/v1/namespaces/{ns}"}) {
    router.Add({.method = std::string(method),
                .pattern = absl::StrCat(head, tail),
                .handler = handler,
                .body_bytes_max = body_bytes_max});
  }
}

void AddRoutes(service::CacheBackend& backend, const GatewayOptions& options,
               http::Router& router) {
  AddKeyRoutes(backend, options, router);
  AddVerbRoutes(backend, options, router);
  AddBatchRoutes(backend, router);
  AddScanRoutes(backend, router);
  AddClusterRoutes(backend, router);
  AddSlowLogRoutes(backend, router);
  if (options.admin != nullptr) AddChangeRoutes(*options.admin, router);
  AddOriginRoutes(backend, options, router);
  AddProcessRoutes(backend, options, router);
}

}  // namespace quorumcache::gateway
