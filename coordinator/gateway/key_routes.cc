// SPDX-License-Identifier: Apache-2.0
// /v1/keys/{key} and /v1/namespaces/{ns}/keys/{key}: GET, HEAD, PUT, DELETE.
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "coordinator/gateway/conditions.h"
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

// The media type without its parameters.
bool IsJson(absl::string_view media_type) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(media_type, absl::MaxSplits(';', 1));
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.first), "application/json");
}

// The envelope is for those who name JSON; "*/*" gets the value as it is.
bool WantsEnvelope(const HttpRequest& request) {
  const absl::string_view accept = request.headers.Find("Accept").value_or("");
  for (const absl::string_view range : absl::StrSplit(accept, ',')) {
    if (IsJson(range) && !absl::EndsWith(range, "q=0")) return true;
  }
  return false;
}

void SetVersionHeaders(const CacheResponse& found, HttpResponse& response) {
  response.headers.Set("ETag", absl::StrCat("\"", found.etag, "\""));
  if (found.expire_at_ms != 0) response.headers.Set("Expires", HttpTime(found.expire_at_ms));
  // No proxy may answer for us: it would not know of a newer write.
  response.headers.Set("Cache-Control", "no-store");
}

HttpResponse Envelope(const HttpRequest& request, const CacheResponse& found) {
  boost::json::object body;
  const absl::StatusOr<http::QueryParams> query = http::QueryParams::Parse(request.query);
  std::string key;
  CacheError ignored;  // the same text was decoded before the value was asked for
  const bool encoded = query.ok() && query->Find("enc").has_value() &&
                       DecodeKey(request.PathParam("key"), *query, key, ignored);
  PutKey(encoded ? absl::string_view(key) : request.PathParam("key"), encoded, body);
  PutValue(found.value, body);
  if (!found.content_type.empty()) body["content_type"] = found.content_type;
  PutVersion(found.etag, found.expire_at_ms, body);
  return JsonResponse(200, body);
}

HttpResponse RawValue(CacheResponse& found) {
  HttpResponse response;
  response.headers.Set(
      "Content-Type", found.content_type.empty() ? "application/octet-stream" : found.content_type);
  // Values are other people's data, served from the origin of the console: never run them.
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.headers.Set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.body = std::move(found.value);
  return response;
}

HttpResponse AnswerGet(const HttpRequest& request, CacheResponse found) {
  if (!found.error.ok()) return Failure(found.error, request.request_id);
  if (!found.found) return Miss(request.request_id);
  HttpResponse response;
  switch (JudgeRead(request, found.etag)) {
    case ReadVerdict::kNotModified:
      response.status = 304;
      break;
    case ReadVerdict::kPreconditionFailed:
      found.error.code = absl::StatusCode::kFailedPrecondition;
      found.error.reason = "ETAG_MISMATCH";
      found.error.message = "the value has another etag than If-Match asks for";
      found.error.metadata["etag"] = found.etag;
      return Failure(found.error, request.request_id);
    case ReadVerdict::kSend:
      response = WantsEnvelope(request) ? Envelope(request, found) : RawValue(found);
      break;
  }
  SetVersionHeaders(found, response);
  return response;
}

HttpResponse AnswerPut(const HttpRequest& request, const CacheResponse& done) {
  if (!done.error.ok()) return Failure(done.error, request.request_id);
  HttpResponse response;
  response.status = done.replaced ? 204 : 201;
  SetVersionHeaders(done, response);
  return response;
}

HttpResponse AnswerDelete(const HttpRequest& request, const CacheResponse& done) {
  if (!done.error.ok()) return Failure(done.error, request.request_id);
  HttpResponse response;
  response.status = 204;
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

bool ReadGet(const HttpRequest& request, CacheRequest& out, CacheError& error) {
  http::QueryParams query;
  out.kind = service::OperationKind::kGet;
  return ReadQuery(request, {"consistency", "enc"}, query, error) &&
         ReadOptions(request, query, out, error) &&
         DecodeKey(request.PathParam("key"), query, out.key, error);
}

// {"value","encoding","ttl","content_type"}.
bool ReadEnvelope(absl::string_view body, CacheRequest& out, CacheError& error) {
  boost::json::object object;
  if (!ParseObject(body, object, error) ||
      !CheckMembers(object, {"value", "encoding", "ttl", "content_type"}, error)) {
    return false;
  }
  if (object.contains("ttl") && out.expiration.kind != service::Expiration::Kind::kNever) {
    error = BadRequest("TTL_INVALID", "there is a ttl in the query and another in the body");
    return false;
  }
  return ReadValue(object, out.value, error) && ReadTtl(object, out.expiration, error) &&
         ReadOptionalString(object, "content_type", out.content_type, error);
}

bool ReadPut(HttpRequest& request, CacheRequest& out, CacheError& error) {
  http::QueryParams query;
  out.kind = service::OperationKind::kSet;
  if (!ReadQuery(request, {"ttl", "consistency", "durability", "enc"}, query, error) ||
      !ReadOptions(request, query, out, error) || !ReadWriteCondition(request, out, error) ||
      !DecodeKey(request.PathParam("key"), query, out.key, error)) {
    return false;
  }
  const absl::string_view content_type = request.headers.Find("Content-Type").value_or("");
  if (IsJson(content_type)) return ReadEnvelope(request.body, out, error);
  out.content_type = std::string(content_type);
  out.value = std::move(request.body);
  return true;
}

bool ReadDelete(const HttpRequest& request, CacheRequest& out, CacheError& error) {
  http::QueryParams query;
  out.kind = service::OperationKind::kDelete;
  return ReadQuery(request, {"consistency", "durability", "enc"}, query, error) &&
         ReadOptions(request, query, out, error) && ReadWriteCondition(request, out, error) &&
         DecodeKey(request.PathParam("key"), query, out.key, error);
}

// What the three have in common: read, submit, answer.
template <typename Read, typename AnswerFrom>
http::HttpHandler HandlerOf(service::CacheBackend& backend, Read read, AnswerFrom answer) {
  return [&backend, read, answer](HttpRequest incoming, Responder responder) {
    CacheRequest cache_request;
    CacheError error;
    if (!read(incoming, cache_request, error)) {
      return responder.Send(Failure(error, incoming.request_id));
    }
    auto request = std::make_shared<HttpRequest>(std::move(incoming));
    backend.Submit(std::move(cache_request), [request, responder, answer](CacheResponse done) {
      responder.Send(answer(*request, std::move(done)));
    });
  };
}

}  // namespace

void AddKeyRoutes(service::CacheBackend& backend, const GatewayOptions& options,
                  http::Router& router) {
  AddInNamespaces(router, "GET", "/keys/{key}", HandlerOf(backend, ReadGet, AnswerGet));
  AddInNamespaces(router, "PUT", "/keys/{key}", HandlerOf(backend, ReadPut, AnswerPut),
                  ValueBodyBytesMax(options));
  AddInNamespaces(router, "DELETE", "/keys/{key}", HandlerOf(backend, ReadDelete, AnswerDelete));
}

}  // namespace quorumcache::gateway
