// SPDX-License-Identifier: Apache-2.0
// POST /v1/keys:touch, :increment, :cas. The key is in the body: cache keys are full of colons, so
// that a verb behind one could not be told from it.
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

// Reads the members that are the verb's own.
using ReadMembers = bool (*)(const boost::json::object&, CacheRequest&, CacheError&);
// Writes them into the answer.
using PutMembers = void (*)(const CacheResponse&, boost::json::object&);

struct Verb {
  OperationKind kind;
  ReadMembers read;
  PutMembers put;
};

bool ReadTouch(const boost::json::object& body, CacheRequest& out, CacheError& error) {
  return CheckMembers(body, {"key", "ttl"}, error) && ReadTtl(body, out.expiration, error);
}

bool ReadIncrement(const boost::json::object& body, CacheRequest& out, CacheError& error) {
  out.delta = 1;
  return CheckMembers(body, {"key", "delta", "initial", "ttl"}, error) &&
         ReadOptionalInt(body, "delta", out.delta, error) &&
         ReadOptionalInt(body, "initial", out.initial, error) &&
         ReadTtl(body, out.expiration, error);
}

bool ReadCompareAndSet(const boost::json::object& body, CacheRequest& out, CacheError& error) {
  return CheckMembers(body, {"key", "value", "encoding", "content_type", "etag", "ttl"}, error) &&
         ReadValue(body, out.value, error) &&
         ReadOptionalString(body, "content_type", out.content_type, error) &&
         ReadString(body, "etag", out.etag, error) && ReadTtl(body, out.expiration, error);
}

void PutNothing(const CacheResponse&, boost::json::object&) {}

void PutNumber(const CacheResponse& done, boost::json::object& body) {
  body["value"] = done.number;
}

HttpResponse Answer(const Verb& verb, absl::string_view key, bool encoded,
                    absl::string_view request_id, const CacheResponse& done) {
  if (!done.error.ok()) return Failure(done.error, request_id);
  if (verb.kind == OperationKind::kTouch && !done.found) return Miss(request_id);
  boost::json::object body;
  PutKey(key, encoded, body);
  verb.put(done, body);
  PutVersion(done.etag, done.expire_at_ms, body);
  return JsonResponse(200, body);
}

bool ReadVerb(const Verb& verb, const HttpRequest& request, http::QueryParams& query,
              CacheRequest& out, CacheError& error) {
  boost::json::object body;
  out.kind = verb.kind;
  return ReadQuery(request, {"consistency", "durability", "enc"}, query, error) &&
         ReadOptions(request, query, out, error) && ParseObject(request.body, body, error) &&
         ReadKey(body, query, out.key, error) && verb.read(body, out, error);
}

http::HttpHandler HandlerOf(service::CacheBackend& backend, Verb verb) {
  return [&backend, verb](HttpRequest request, Responder responder) {
    CacheRequest cache_request;
    CacheError error;
    http::QueryParams query;
    if (!ReadVerb(verb, request, query, cache_request, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    const bool encoded = query.Find("enc").has_value();
    backend.Submit(cache_request,
                   [=, key = cache_request.key, id = request.request_id](CacheResponse done) {
                     responder.Send(Answer(verb, key, encoded, id, done));
                   });
  };
}

}  // namespace

void AddVerbRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                   http::Router& router) {
  AddInNamespaces(router, "POST", "/keys:touch",
                  HandlerOf(backend, {OperationKind::kTouch, ReadTouch, PutNothing}));
  AddInNamespaces(router, "POST", "/keys:increment",
                  HandlerOf(backend, {OperationKind::kIncrement, ReadIncrement, PutNumber}));
  AddInNamespaces(
      router, "POST", "/keys:cas",
      HandlerOf(backend, {OperationKind::kCompareAndSet, ReadCompareAndSet, PutNothing}),
      ValueBodyBytesMax(options));
}

}  // namespace quorumcache::gateway
