// SPDX-License-Identifier: Apache-2.0
// The routes of the product's origin, kept so that its clients work unchanged. They live in the
// default namespace, with default consistency and durability. /join and /leave: change_routes.cc.
#include <memory>
#include <utility>

#include "coordinator/gateway/failure.h"
#include "coordinator/gateway/json_reader.h"
#include "coordinator/gateway/json_writer.h"
#include "coordinator/gateway/request_reader.h"
#include "coordinator/gateway/routes.h"

namespace quorumcache::gateway {
namespace {

using http::HttpRequest;
using http::HttpResponse;
using http::Responder;
using service::CacheError;
using service::CacheRequest;
using service::CacheResponse;
using service::OperationKind;

HttpResponse Ok() {
  return JsonResponse(200, {{"status", "OK"}});
}

// {"key","value"}, and a "ttl" for those who know of it. The Content-Type is not looked at: the
// origin's clients were not asked for one.
bool ReadSet(const HttpRequest& request, CacheRequest& out, CacheError& error) {
  boost::json::object body;
  http::QueryParams query;
  out.kind = OperationKind::kSet;
  return ReadQuery(request, {}, query, error) && ReadOptions(request, query, out, error) &&
         ParseObject(request.body, body, error) &&
         CheckMembers(body, {"key", "value", "encoding", "ttl"}, error) &&
         ReadKey(body, query, out.key, error) && ReadValue(body, out.value, error) &&
         ReadTtl(body, out.expiration, error);
}

bool ReadKeyParameter(const HttpRequest& request, CacheRequest& out, CacheError& error) {
  http::QueryParams query;
  if (!ReadQuery(request, {"key", "enc"}, query, error) ||
      !ReadOptions(request, query, out, error)) {
    return false;
  }
  if (!query.Find("key").has_value()) {
    error = BadRequest("KEY_INVALID", "the query parameter \"key\" is missing");
    return false;
  }
  return DecodeKey(*query.Find("key"), query, out.key, error);
}

bool ReadGet(const HttpRequest& request, CacheRequest& out, CacheError& error) {
  out.kind = OperationKind::kGet;
  return ReadKeyParameter(request, out, error);
}

bool ReadDelete(const HttpRequest& request, CacheRequest& out, CacheError& error) {
  out.kind = OperationKind::kDelete;
  return ReadKeyParameter(request, out, error);
}

HttpResponse AnswerWrite(const CacheResponse& done, absl::string_view request_id) {
  return done.error.ok() ? Ok() : Failure(done.error, request_id);
}

HttpResponse AnswerGet(const CacheResponse& done, absl::string_view request_id) {
  if (!done.error.ok()) return Failure(done.error, request_id);
  if (!done.found) return Miss(request_id);
  boost::json::object body;
  PutValue(done.value, body);
  // The origin knew text only; what is not text has to be marked.
  if (body["encoding"] == "utf8") body.erase("encoding");
  return JsonResponse(200, body);
}

http::HttpHandler HandlerOf(service::CacheBackend& backend,
                            bool (*read)(const HttpRequest&, CacheRequest&, CacheError&),
                            HttpResponse (*answer)(const CacheResponse&, absl::string_view)) {
  return [&backend, read, answer](HttpRequest request, Responder responder) {
    CacheRequest cache_request;
    CacheError error;
    if (!read(request, cache_request, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    backend.Submit(std::move(cache_request),
                   [=, id = request.request_id](const CacheResponse& done) {
                     responder.Send(answer(done, id));
                   });
  };
}

}  // namespace

void AddOriginRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                     http::Router& router) {
  router.Add({.method = "POST",
              .pattern = "/set",
              .handler = HandlerOf(backend, ReadSet, AnswerWrite),
              .body_bytes_max = ValueBodyBytesMax(options)});
  router.Add(
      {.method = "GET", .pattern = "/get", .handler = HandlerOf(backend, ReadGet, AnswerGet)});
  router.Add({.method = "DELETE",
              .pattern = "/delete",
              .handler = HandlerOf(backend, ReadDelete, AnswerWrite)});
  router.Add({.method = "GET",
              .pattern = "/health",
              .handler = [](HttpRequest, Responder responder) { responder.Send(Ok()); }});
}

}  // namespace quorumcache::gateway
