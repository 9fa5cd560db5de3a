// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/json_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/http/base64.h"
#include "coordinator/gateway/failure.h"
#include "coordinator/gateway/json_writer.h"
#include "coordinator/gateway/request_reader.h"

namespace quorumcache::gateway {
namespace {

using service::CacheError;

bool Refuse(CacheError& error, std::string message) {
  error = BadRequest("JSON_INVALID", std::move(message));
  return false;
}

}  // namespace

bool ParseObject(absl::string_view text, boost::json::object& out, CacheError& error) {
  boost::json::error_code failed;
  boost::json::value value = boost::json::parse(JsonView(text), failed);
  if (failed) {
    return Refuse(error, absl::StrCat("the body is not JSON: ", failed.message()));
  }
  if (!value.is_object()) return Refuse(error, "the body is JSON, but not an object");
  out = std::move(value.as_object());
  return true;
}

bool CheckMembers(const boost::json::object& object, std::initializer_list<absl::string_view> known,
                  CacheError& error) {
  for (const auto& member : object) {
    const absl::string_view name(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return Refuse(error, absl::StrCat("there is no member \"", json::Printable(name),
                                      "\" here; there are: ", absl::StrJoin(known, ", ")));
  }
  return true;
}

bool ReadOptionalString(const boost::json::object& object, absl::string_view name, std::string& out,
                        CacheError& error) {
  const boost::json::value* value = object.if_contains(JsonView(name));
  if (value == nullptr) return true;
  if (!value->is_string()) return Refuse(error, absl::StrCat("\"", name, "\" must be a string"));
  out.assign(value->get_string().data(), value->get_string().size());
  return true;
}

bool ReadString(const boost::json::object& object, absl::string_view name, std::string& out,
                CacheError& error) {
  if (!object.contains(JsonView(name))) {
    return Refuse(error, absl::StrCat("the member \"", name, "\" is missing"));
  }
  return ReadOptionalString(object, name, out, error);
}

bool ReadOptionalInt(const boost::json::object& object, absl::string_view name, int64_t& out,
                     CacheError& error) {
  const boost::json::value* value = object.if_contains(JsonView(name));
  if (value == nullptr) return true;
  // Larger numbers come as unsigned or as floating point, which would lose digits.
  if (!value->is_int64()) {
    return Refuse(error, absl::StrCat("\"", name, "\" must be a whole number of 64 bits"));
  }
  out = value->get_int64();
  return true;
}

bool ReadKey(const boost::json::object& object, const http::QueryParams& query, std::string& out,
             CacheError& error) {
  std::string text;
  return ReadString(object, "key", text, error) && DecodeKey(text, query, out, error);
}

bool ReadValue(const boost::json::object& object, std::string& out, CacheError& error) {
  std::string encoding = "utf8";
  const boost::json::value* value = object.if_contains("value");
  if (value != nullptr && !value->is_string()) {
    return Refuse(error,
                  "\"value\" must be a string; put JSON that is to be stored as it is into a "
                  "string, or PUT it as application/octet-stream");
  }
  if (!ReadString(object, "value", out, error) ||
      !ReadOptionalString(object, "encoding", encoding, error)) {
    return false;
  }
  if (encoding == "utf8") return true;
  if (encoding != "base64") return Refuse(error, "\"encoding\" must be \"utf8\" or \"base64\"");
  std::optional<std::string> bytes = http::Base64Decode(out);
  if (!bytes.has_value()) return Refuse(error, "\"value\" is not base64 with padding");
  out = *std::move(bytes);
  return true;
}

bool ReadTtl(const boost::json::object& object, service::Expiration& out, CacheError& error) {
  if (!object.contains("ttl")) return true;
  std::string text;
  return ReadString(object, "ttl", text, error) && ParseTtl(text, out, error);
}

}  // namespace quorumcache::gateway
