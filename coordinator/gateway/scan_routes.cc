// SPDX-License-Identifier: Apache-2.0
// GET /v1/keys: one page of a walk through a namespace, in token order.
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
using service::ScanPage;
using service::ScanRequest;

bool ReadPageSize(const http::QueryParams& query, uint32_t& out, CacheError& error) {
  const std::optional<absl::string_view> text = query.Find("page_size");
  if (!text.has_value()) return true;
  if (absl::SimpleAtoi(*text, &out) && out >= 1 && out <= limits::kBatchKeysMax) return true;
  error = BadRequest("PAGE_SIZE_INVALID",
                     absl::StrCat("page_size must be a number from 1 to ", limits::kBatchKeysMax));
  return false;
}

bool ReadIncludeValues(const http::QueryParams& query, bool& out, CacheError& error) {
  const absl::string_view text = query.Find("include_values").value_or("false");
  out = text == "true";
  if (out || text == "false") return true;
  error = BadRequest("PARAMETER_INVALID", "include_values must be true or false");
  return false;
}

bool ReadScan(const HttpRequest& request, http::QueryParams& query, ScanRequest& out,
              CacheError& error) {
  if (!ReadQuery(request, {"prefix", "page_size", "page_token", "include_values", "enc"}, query,
                 error) ||
      !ReadNamespace(request, out.namespace_name, error) ||
      !ReadTimeout(request, out.timeout, error) || !ReadPageSize(query, out.page_size, error) ||
      !ReadIncludeValues(query, out.include_values, error)) {
    return false;
  }
  out.page_token = std::string(query.Find("page_token").value_or(""));
  return DecodeKey(query.Find("prefix").value_or(""), query, out.prefix, error);
}

HttpResponse Answer(const ScanPage& page, bool include_values, bool encoded,
                    absl::string_view request_id) {
  if (!page.error.ok()) return Failure(page.error, request_id);
  boost::json::array entries;
  for (const service::ScanEntry& entry : page.entries) {
    boost::json::object object;
    PutKey(entry.key, encoded, object);
    if (include_values) PutValue(entry.value, object);
    if (!entry.content_type.empty()) object["content_type"] = entry.content_type;
    PutVersion(entry.etag, entry.expire_at_ms, object);
    entries.push_back(std::move(object));
  }
  return JsonResponse(200,
                      {{"entries", std::move(entries)}, {"next_page_token", page.next_page_token}});
}

}  // namespace

void AddScanRoutes(service::CacheBackend& backend, http::Router& router) {
  AddInNamespaces(router, "GET", "/keys", [&backend](HttpRequest request, Responder responder) {
    http::QueryParams query;
    ScanRequest scan;
    CacheError error;
    if (!ReadScan(request, query, scan, error)) {
      return responder.Send(Failure(error, request.request_id));
    }
    const bool include_values = scan.include_values;
    const bool encoded = query.Find("enc").has_value();
    backend.Scan(std::move(scan), [=, id = request.request_id](ScanPage page) {
      responder.SendFrom(
          [=, page = std::move(page)] { return Answer(page, include_values, encoded, id); });
    });
  });
}

}  // namespace quorumcache::gateway
