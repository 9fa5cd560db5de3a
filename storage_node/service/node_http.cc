// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/node_http.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace quorumcache::node_service {
namespace {

constexpr char kPlainText[] = "text/plain; charset=utf-8";

http::HttpResponse Text(int status, absl::string_view content_type, std::string body) {
  http::HttpResponse response{.status = status, .body = std::move(body)};
  response.headers.Set("Content-Type", content_type);
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace

void AddNodeRoutes(const metrics::Registry& registry, const NodeStatus& status,
                   http::Router* router) {
  router->Add({.method = "GET",
               .pattern = "/metrics",
               .handler = [&registry](http::HttpRequest, http::Responder responder) {
                 responder.SendFrom([&registry] {
                   return Text(200, metrics::kTextContentType, registry.RenderText());
                 });
               }});
  router->Add({.method = "GET",
               .pattern = "/livez",
               .handler = [](http::HttpRequest, http::Responder responder) {
                 responder.Send(Text(200, kPlainText, "ok\n"));
               }});
  router->Add({.method = "GET",
               .pattern = "/readyz",
               .handler = [&status](http::HttpRequest, http::Responder responder) {
                 responder.Send(Text(status.IsReady() ? 200 : 503, kPlainText,
                                     absl::StrCat(absl::StrJoin(status.Describe(), "\n"), "\n")));
               }});
}

}  // namespace quorumcache::node_service
