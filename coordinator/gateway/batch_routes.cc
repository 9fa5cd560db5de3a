// SPDX-License-Identifier: Apache-2.0
// POST /v1/keys:multiGet, :multiSet, :multiDelete.
//
// Not atomic: each key succeeds or fails alone. The status is 200 once the batch as such was
// understood; "results" has one entry a key, in the order of the request, with an "error" where
// that key failed.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/gateway/batch.h"
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

// Base64 in JSON is a third longer than the bytes that limits::kBatchSizeBytesMax counts.
constexpr size_t kBatchBodyBytesMax =
    limits::kBatchSizeBytesMax / 3 * 4 + limits::kHttpSmallBodyBytesMax * 4;

// What is the same for every key of the batch.
struct Common {
  http::QueryParams query;
  CacheRequest request;
};

// The member `name`, an array of 1 to kBatchKeysMax items; null with the reason in `error`.
const boost::json::array* ReadItems(const boost::json::object& body, const char* name,
                                    CacheError& error) {
  if (!CheckMembers(body, {name}, error)) return nullptr;
  const boost::json::value* items = body.if_contains(name);
  if (items == nullptr || !items->is_array()) {
    error = BadRequest("JSON_INVALID", absl::StrCat("the body must be {\"", name, "\": [...]}"));
    return nullptr;
  }
  const size_t count = items->get_array().size();
  if (count == 0 || count > limits::kBatchKeysMax) {
    error = BadRequest(
        "BATCH_TOO_LARGE",
        absl::StrCat("the batch has ", count, " keys; it must have 1 to ", limits::kBatchKeysMax));
    return nullptr;
  }
  return &items->get_array();
}

bool ReadKeyItem(const boost::json::value& item, const Common& common, CacheRequest& out,
                 CacheError& error) {
  if (!item.is_string()) {
    error = BadRequest("JSON_INVALID", "each of \"keys\" must be a string");
    return false;
  }
  const boost::json::string& text = item.get_string();
  return DecodeKey({text.data(), text.size()}, common.query, out.key, error);
}

bool ReadEntryItem(const boost::json::value& item, const Common& common, CacheRequest& out,
                   CacheError& error) {
  if (!item.is_object()) {
    error = BadRequest("JSON_INVALID", "each of \"entries\" must be an object");
    return false;
  }
  const boost::json::object& entry = item.get_object();
  return CheckMembers(entry, {"key", "value", "encoding", "content_type", "ttl"}, error) &&
         ReadKey(entry, common.query, out.key, error) && ReadValue(entry, out.value, error) &&
         ReadOptionalString(entry, "content_type", out.content_type, error) &&
         ReadTtl(entry, out.expiration, error);
}

struct BatchVerb {
  OperationKind kind;
  const char* items_name;
  bool (*read_item)(const boost::json::value&, const Common&, CacheRequest&, CacheError&);
};

bool ReadBatch(const BatchVerb& verb, const HttpRequest& request, Common& common,
               std::vector<CacheRequest>& out, CacheError& error) {
  boost::json::object body;
  common.request.kind = verb.kind;
  if (!ReadQuery(request, {"consistency", "durability", "enc"}, common.query, error) ||
      !ReadOptions(request, common.query, common.request, error) ||
      !ParseObject(request.body, body, error)) {
    return false;
  }
  if (!common.request.request_id.empty()) {
    // One id names one change; the same id on every key would make all but the first a retry of it.
    error =
        BadRequest("REQUEST_ID_INVALID", "a batch takes no Idempotency-Key: a change is one key");
    return false;
  }
  const boost::json::array* items = ReadItems(body, verb.items_name, error);
  if (items == nullptr) return false;
  size_t bytes = 0;
  for (const boost::json::value& item : *items) {
    CacheRequest one = common.request;
    if (!verb.read_item(item, common, one, error)) return false;
    bytes += one.key.size() + one.value.size();
    out.push_back(std::move(one));
  }
  if (bytes <= limits::kBatchSizeBytesMax) return true;
  error = BadRequest("BATCH_TOO_LARGE", absl::StrCat("the batch is ", bytes, " bytes; the most is ",
                                                     limits::kBatchSizeBytesMax));
  return false;
}

boost::json::object ResultOf(OperationKind kind, absl::string_view key, bool encoded,
                             const CacheResponse& response) {
  boost::json::object result;
  PutKey(key, encoded, result);
  if (!response.error.ok()) {
    result["error"] = ErrorObject(response.error);
    return result;
  }
  if (kind == OperationKind::kGet) {
    result["found"] = response.found;
    if (!response.found) return result;
    PutValue(response.value, result);
    if (!response.content_type.empty()) result["content_type"] = response.content_type;
  }
  if (kind != OperationKind::kDelete) PutVersion(response.etag, response.expire_at_ms, result);
  return result;
}

http::HttpHandler HandlerOf(service::CacheBackend& backend, BatchVerb verb) {
  return [&backend, verb](HttpRequest request, Responder responder) {
    Common common;
    std::vector<CacheRequest> requests;
    CacheError error;
    if (!ReadBatch(verb, request, common, requests, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    std::vector<std::string> keys;
    for (const CacheRequest& one : requests) keys.push_back(one.key);
    const bool encoded = common.query.Find("enc").has_value();
    SubmitBatch(backend, std::move(requests),
                [=, keys = std::move(keys)](std::vector<CacheResponse> responses) {
                  responder.SendFrom([=, responses = std::move(responses)] {
                    boost::json::array results;
                    for (size_t i = 0; i < responses.size(); ++i) {
                      results.push_back(ResultOf(verb.kind, keys[i], encoded, responses[i]));
                    }
                    return JsonResponse(200, {{"results", std::move(results)}});
                  });
                });
  };
}

}  // namespace

void AddBatchRoutes(service::CacheBackend& backend, http::Router& router) {
  AddInNamespaces(router, "POST", "/keys:multiGet",
                  HandlerOf(backend, {OperationKind::kGet, "keys", ReadKeyItem}),
                  kBatchBodyBytesMax);
  AddInNamespaces(router, "POST", "/keys:multiSet",
                  HandlerOf(backend, {OperationKind::kSet, "entries", ReadEntryItem}),
                  kBatchBodyBytesMax);
  AddInNamespaces(router, "POST", "/keys:multiDelete",
                  HandlerOf(backend, {OperationKind::kDelete, "keys", ReadKeyItem}),
                  kBatchBodyBytesMax);
}

}  // namespace quorumcache::gateway
