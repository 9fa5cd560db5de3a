// SPDX-License-Identifier: Apache-2.0
// GET and DELETE /v1/slowlog: what took long at this coordinator.
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
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
using service::SlowLogView;

boost::json::object OperationJson(const service::SlowOperation& slow) {
  boost::json::object object = {
      {"end_time", JsonTime(slow.ended_at_ms)},
      {"operation", slow.operation},
      {"namespace", slow.namespace_name},
      {"key", slow.key},
      {"token", absl::StrCat(absl::Hex(slow.token, absl::kZeroPad16))},
      {"duration_seconds", absl::ToDoubleSeconds(slow.duration)},
      {"rounds", slow.rounds},
      {"attempts", slow.attempts},
      {"outcome", JsonView(slow.outcome())},
      {"required", slow.required},
      {"responded", slow.responded},
      {"awaited_nodes", boost::json::array(slow.awaited_nodes.begin(), slow.awaited_nodes.end())},
      {"peer", slow.peer},
      {"request_id", slow.request_id}};
  if (slow.consistency != model::Consistency::kUnspecified) {
    object["consistency"] = ConsistencyName(slow.consistency);
  }
  if (!slow.reason.empty()) object["code"] = slow.reason;
  return object;
}

HttpResponse Answer(const SlowLogView& view) {
  boost::json::object body = {{"coordinator", view.coordinator}, {"total", view.total}};
  if (view.threshold != absl::InfiniteDuration()) {
    body["threshold_seconds"] = absl::ToDoubleSeconds(view.threshold);
  }
  boost::json::array operations;
  for (const service::SlowOperation& slow : view.operations) {
    operations.push_back(OperationJson(slow));
  }
  body["operations"] = std::move(operations);
  return JsonResponse(200, body);
}

HttpResponse Forgotten() {
  HttpResponse response;
  response.status = 204;
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

bool ReadLimit(const HttpRequest& request, uint32_t& limit, CacheError& error) {
  http::QueryParams query;
  if (!ReadQuery(request, {"limit"}, query, error)) return false;
  const std::optional<absl::string_view> text = query.Find("limit");
  if (!text.has_value()) return true;
  if (absl::SimpleAtoi(*text, &limit) && limit >= 1) return true;
  error = BadRequest("PARAMETER_INVALID", "limit must be a number from 1 on");
  return false;
}

http::HttpHandler MakeGet(service::CacheBackend& backend) {
  return [&backend](HttpRequest request, Responder responder) {
    service::SlowLogRequest wanted;
    CacheError error;
    if (!ReadLimit(request, wanted.limit, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    backend.ReadSlowLog(wanted, [responder](SlowLogView view) {
      responder.SendFrom([view = std::move(view)] { return Answer(view); });
    });
  };
}

http::HttpHandler MakeDelete(service::CacheBackend& backend) {
  return [&backend](HttpRequest request, Responder responder) {
    http::QueryParams query;
    CacheError error;
    if (!ReadQuery(request, {}, query, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    backend.ReadSlowLog({.limit = 1, .reset = true},
                        [responder](const SlowLogView&) { responder.Send(Forgotten()); });
  };
}

}  // namespace

void AddSlowLogRoutes(service::CacheBackend& backend, http::Router& router) {
  router.Add({.method = "GET", .pattern = "/v1/slowlog", .handler = MakeGet(backend)});
  router.Add({.method = "DELETE", .pattern = "/v1/slowlog", .handler = MakeDelete(backend)});
}

}  // namespace quorumcache::gateway
