// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"
#include "tests/histories/door.h"
#include "tests/integration/http_session.h"

namespace quorumcache::histories {
namespace {

using history::ClientCondition;
using history::ClientOpKind;
using history::ClientOutcome;
using integration::HttpHeaders;
using integration::HttpReply;

// The coordinator gives up first, so that it is the one to say what became of the request.
constexpr int kCoordinatorTimeoutMs = 900;

struct HttpAsk {
  std::string method;
  std::string target;
  std::string body;
  HttpHeaders headers;
};

std::string Quoted(const std::string& etag) {
  return absl::StrCat("\"", etag, "\"");
}

std::string Unquoted(absl::string_view etag) {
  absl::ConsumePrefix(&etag, "\"");
  absl::ConsumeSuffix(&etag, "\"");
  return std::string(etag);
}

HttpHeaders HeadersOf(const Ask& ask) {
  HttpHeaders headers = {{"X-Timeout-Ms", absl::StrCat(kCoordinatorTimeoutMs)}};
  if (!ask.request_id.empty()) headers.emplace_back("Idempotency-Key", ask.request_id);
  if (!ask.first.empty()) headers.emplace_back("Idempotency-First", ask.first);
  return headers;
}

void AddCondition(const Ask& ask, HttpHeaders& headers) {
  if (ask.condition == ClientCondition::kIfAbsent) headers.emplace_back("If-None-Match", "*");
  if (ask.condition == ClientCondition::kIfPresent) headers.emplace_back("If-Match", "*");
  if (ask.condition == ClientCondition::kIfVersion) {
    headers.emplace_back("If-Match", Quoted(ask.if_etag));
  }
}

HttpAsk Verb(const Ask& ask, const std::string& verb, const std::string& query,
             const boost::json::object& body) {
  HttpAsk http{"POST", absl::StrCat("/v1/keys:", verb, query), boost::json::serialize(body),
               HeadersOf(ask)};
  http.headers.emplace_back("Content-Type", "application/json");
  return http;
}

HttpAsk ToHttp(const Ask& ask) {
  const std::string target = absl::StrCat("/v1/keys/", ask.key);
  std::string query = ask.weak ? "?consistency=one" : "";
  HttpAsk http{"GET", target + query, "", HeadersOf(ask)};
  switch (ask.kind) {
    case ClientOpKind::kIncrement:
      return Verb(ask, "increment", query, {{"key", ask.key}, {"delta", ask.delta}});
    case ClientOpKind::kDelete:
      http.method = "DELETE";
      AddCondition(ask, http.headers);
      return http;
    case ClientOpKind::kSet:
      break;
    default:
      return http;
  }
  if (ask.condition == ClientCondition::kIfVersion && NumberOf(ask.value) % 2 == 0) {
    return Verb(ask, "cas", query, {{"key", ask.key}, {"value", ask.value}, {"etag", ask.if_etag}});
  }
  if (ask.ttl != absl::ZeroDuration()) {
    absl::StrAppend(&query, query.empty() ? "?" : "&", "ttl=", absl::ToInt64Milliseconds(ask.ttl),
                    "ms");
  }
  http.method = "PUT";
  http.target = target + query;
  http.body = ask.value;
  http.headers.emplace_back("Content-Type", "application/octet-stream");
  AddCondition(ask, http.headers);
  return http;
}

std::string Text(const boost::json::object& object, const char* name) {
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string().c_str()) : "";
}

boost::json::object ParseObject(const std::string& body) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(body, error);
  return !error && value.is_object() ? value.get_object() : boost::json::object();
}

Answer FromProblem(const Ask& ask, const HttpReply& reply) {
  const boost::json::object problem = ParseObject(reply.body);
  Answer answer;
  answer.reason = Text(problem, "code");
  answer.first = Text(problem, "first");
  if (Text(problem, "outcome") != "not_applied") return answer;
  answer.outcome = IsConditionFailure(answer.reason) ? ClientOutcome::kConditionFailed
                                                     : ClientOutcome::kNotApplied;
  // A miss.
  if (ask.kind == ClientOpKind::kGet && answer.reason == "KEY_NOT_FOUND") {
    answer.outcome = ClientOutcome::kOk;
  }
  return answer;
}

Answer FromReply(const Ask& ask, const HttpReply& reply) {
  if (reply.status / 100 != 2) return FromProblem(ask, reply);
  Answer answer;
  answer.outcome = ClientOutcome::kOk;
  const auto etag = reply.headers.find("etag");
  if (etag != reply.headers.end()) answer.etag = Unquoted(etag->second);
  if (ask.kind == ClientOpKind::kGet) {
    answer.found = true;
    answer.value = reply.body;
  }
  if (reply.status != 200 || ask.kind == ClientOpKind::kGet) return answer;
  const boost::json::object body = ParseObject(reply.body);
  answer.etag = Text(body, "etag");
  if (ask.kind == ClientOpKind::kIncrement) answer.number = body.at("value").to_number<int64_t>();
  return answer;
}

class HttpDoor final : public Door {
 public:
  explicit HttpDoor(const std::string& address) : session_(address) {}

  Answer Try(const Ask& ask) override {
    QC_CHECK(!ask.return_previous);
    const HttpAsk http = ToHttp(ask);
    const auto reply =
        session_.Call(http.method, http.target, http.body, http.headers, kTryTimeout);
    if (reply.ok()) return FromReply(ask, *reply);
    if (!absl::IsUnavailable(reply.status())) return Answer();
    return {.outcome = ClientOutcome::kNotApplied, .reason = "UNREACHABLE"};
  }

 private:
  integration::HttpSession session_;
};

}  // namespace

std::unique_ptr<Door> MakeHttpDoor(const std::string& address) {
  return std::make_unique<HttpDoor>(address);
}

}  // namespace quorumcache::histories
