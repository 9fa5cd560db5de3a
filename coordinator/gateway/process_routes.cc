// SPDX-License-Identifier: Apache-2.0
// What every process answers about itself, and the description of the API.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/http/query.h"
#include "coordinator/gateway/openapi.h"
#include "coordinator/gateway/routes.h"

namespace quorumcache::gateway {
namespace {

using http::HttpRequest;
using http::HttpResponse;
using http::Responder;

HttpResponse Text(int status, absl::string_view content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", content_type);
  response.headers.Set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

// Node-local facts only: a cluster in trouble must not make an orchestrator restart healthy
// coordinators.
HttpResponse Readiness(service::CacheBackend& backend, bool verbose) {
  std::vector<std::string> details;
  const bool ready = backend.Ready(&details);
  std::string body = ready ? "ok\n" : "not ready\n";
  if (verbose || !ready) {
    for (const std::string& line : details) absl::StrAppend(&body, line, "\n");
  }
  return Text(ready ? 200 : 503, "text/plain; charset=utf-8", std::move(body));
}

}  // namespace

void AddProcessRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                      http::Router& router) {
  router.Add(
      {.method = "GET", .pattern = "/livez", .handler = [](HttpRequest, Responder responder) {
         responder.Send(Text(200, "text/plain; charset=utf-8", "ok\n"));
       }});
  router.Add({.method = "GET",
              .pattern = "/readyz",
              .handler = [&backend](HttpRequest request, Responder responder) {
                const auto query = http::QueryParams::Parse(request.query);
                const bool verbose = query.ok() && query->Find("verbose").has_value();
                responder.Send(Readiness(backend, verbose));
              }});
  router.Add({.method = "GET",
              .pattern = "/openapi.json",
              .handler = [](HttpRequest, Responder responder) {
                responder.Send(Text(200, "application/json", std::string(OpenApiDocument())));
              }});
  if (!options.metrics_text) return;
  router.Add({.method = "GET",
              .pattern = "/metrics",
              .handler = [text = options.metrics_text](HttpRequest, Responder responder) {
                responder.Send(Text(200, "text/plain; version=0.0.4; charset=utf-8", text()));
              }});
}

}  // namespace quorumcache::gateway
