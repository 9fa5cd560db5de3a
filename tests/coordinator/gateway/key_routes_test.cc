// SPDX-License-Identifier: Apache-2.0
#include "common/http/base64.h"
#include "common/http/percent.h"
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;
using service::ConditionKind;
using testing::HasSubstr;

class KeyRoutesTest : public GatewayFixture {};

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST_F(KeyRoutesTest, ValueComesBackByteForByteUnderAKeyOfAnyBytes) {
  const std::string target = absl::StrCat("/v1/keys/", http::PercentEncode(AllBytes()));

  EXPECT_EQ(Put(target, AllBytes()).status, 201);
  const RawResponse found = Get(target);

  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.body, AllBytes());
  EXPECT_EQ(backend_.last_request().key, AllBytes());
}

TEST_F(KeyRoutesTest, Base64UrlKeyIsTheSameKey) {
  Put(absl::StrCat("/v1/keys/", http::PercentEncode(AllBytes())), "value");

  const RawResponse found =
      Get(absl::StrCat("/v1/keys/", http::Base64UrlEncode(AllBytes()), "?enc=base64url"));

  EXPECT_EQ(found.body, "value");
  EXPECT_EQ(CodeOf(Get("/v1/keys/not!base64?enc=base64url")), "KEY_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/keys/k?enc=rot13")), "ENCODING_UNKNOWN");
}

TEST_F(KeyRoutesTest, SlashPlusAndColonStayInTheKey) {
  for (const char* segment : {"a%2Fb", "a+b", "a:b:c", "a%00", "..%2F..", "%25", "keys:touch"}) {
    EXPECT_EQ(Put(absl::StrCat("/v1/keys/", segment), "v").status, 201) << segment;
    EXPECT_EQ(backend_.last_request().key, http::PercentDecode(segment)) << segment;
  }
}

TEST_F(KeyRoutesTest, CreatedThenReplacedThenDeleted) {
  const RawResponse created = Put("/v1/keys/k", "one");
  const RawResponse replaced = Put("/v1/keys/k", "two");

  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(replaced.status, 204);
  EXPECT_NE(created.headers.at("etag"), replaced.headers.at("etag"));
  EXPECT_EQ(Get("/v1/keys/k").body, "two");
  EXPECT_EQ(Ask("DELETE", "/v1/keys/k").status, 204);
  EXPECT_EQ(Ask("DELETE", "/v1/keys/k").status, 204) << "deleting nothing is no error";
  EXPECT_EQ(CodeOf(Get("/v1/keys/k")), "KEY_NOT_FOUND");
}

TEST_F(KeyRoutesTest, EmptyValueIsAValue) {
  EXPECT_EQ(Put("/v1/keys/k", "").status, 201);

  const RawResponse found = Get("/v1/keys/k");

  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.headers.at("content-length"), "0");
}

TEST_F(KeyRoutesTest, ContentTypeIsKeptAndNothingIsRunByABrowser) {
  Put("/v1/keys/page", "<script>", {"Content-Type: text/html; charset=utf-8"});
  Put("/v1/keys/plain", "x");

  const RawResponse page = Get("/v1/keys/page");

  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.headers.at("x-content-type-options"), "nosniff");
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("sandbox"));
  EXPECT_EQ(Get("/v1/keys/plain").headers.at("content-type"), "application/octet-stream");
}

TEST_F(KeyRoutesTest, EveryAnswerForbidsProxiesToKeepIt) {
  EXPECT_EQ(Put("/v1/keys/k", "v").headers.at("cache-control"), "no-store");
  EXPECT_EQ(Get("/v1/keys/k").headers.at("cache-control"), "no-store");
  EXPECT_EQ(Get("/v1/keys/missing").headers.at("cache-control"), "no-store");
  EXPECT_EQ(Ask("DELETE", "/v1/keys/k").headers.at("cache-control"), "no-store");
}

TEST_F(KeyRoutesTest, HeadSaysWhatGetWouldWithoutTheValue) {
  Put("/v1/keys/k?ttl=60s", "12345");

  const RawResponse head = Ask("HEAD", "/v1/keys/k");
  const RawResponse get = Get("/v1/keys/k");

  EXPECT_EQ(head.headers.at("content-length"), "5");
  EXPECT_EQ(head.headers.at("etag"), get.headers.at("etag"));
  EXPECT_EQ(head.headers.at("expires"), get.headers.at("expires"));
  EXPECT_EQ(Ask("HEAD", "/v1/keys/missing").status, 404);
}

TEST_F(KeyRoutesTest, TtlBecomesAnExpiry) {
  const RawResponse put = Put("/v1/keys/k?ttl=1h30m", "v");

  EXPECT_EQ(backend_.last_request().expiration.kind, service::Expiration::Kind::kTtl);
  EXPECT_EQ(backend_.last_request().expiration.millis, 5'400'000);
  // 1,800,000,000 s is 08:00:00 on that day.
  EXPECT_EQ(put.headers.at("expires"), "Fri, 15 Jan 2027 09:30:00 GMT");
  EXPECT_FALSE(Put("/v1/keys/k", "v").headers.contains("expires"));
}

TEST_F(KeyRoutesTest, TtlThatIsNoneIsRefused) {
  for (const char* ttl : {"0s", "-1s", "1000000000000s", "inf", "60", "soon", "", "60s%20"}) {
    const RawResponse refused = Put(absl::StrCat("/v1/keys/k?ttl=", ttl), "v");
    EXPECT_EQ(refused.status, 400) << ttl;
    EXPECT_EQ(CodeOf(refused), "TTL_INVALID") << ttl;
  }
  EXPECT_EQ(Get("/v1/keys/k").status, 404);
}

TEST_F(KeyRoutesTest, EnvelopeCarriesTextBytesTtlAndType) {
  EXPECT_EQ(Put("/v1/keys/text", R"({"value":"h\u00e9","ttl":"60s","content_type":"text/plain"})",
                {"Content-Type: application/json"})
                .status,
            201);
  EXPECT_EQ(Put("/v1/keys/bytes", R"({"value":"AP8=","encoding":"base64"})",
                {"Content-Type: application/json; charset=utf-8"})
                .status,
            201);

  EXPECT_EQ(Get("/v1/keys/text").body, "h\xC3\xA9");
  EXPECT_EQ(Get("/v1/keys/text").headers.at("content-type"), "text/plain");
  EXPECT_EQ(Get("/v1/keys/bytes").body, std::string("\0\xFF", 2));
}

TEST_F(KeyRoutesTest, EnvelopeIsGivenToThoseWhoNameJson) {
  Put("/v1/keys/text?ttl=60s", "text", {"Content-Type: text/plain"});
  Put("/v1/keys/bytes", "\xFF");

  const boost::json::object text =
      JsonOf(Get("/v1/keys/text", {"Accept: text/html, application/json;q=0.9"}));
  const boost::json::object bytes = JsonOf(Get("/v1/keys/bytes", {"Accept: application/json"}));

  EXPECT_EQ(text.at("key"), "text");
  EXPECT_EQ(text.at("value"), "text");
  EXPECT_EQ(text.at("encoding"), "utf8");
  EXPECT_EQ(text.at("content_type"), "text/plain");
  EXPECT_EQ(text.at("expire_time"), "2027-01-15T08:01:00.000Z");
  EXPECT_TRUE(text.contains("etag"));
  EXPECT_EQ(bytes.at("value"), "/w==");
  EXPECT_EQ(bytes.at("encoding"), "base64");
  EXPECT_FALSE(bytes.contains("expire_time"));
  EXPECT_EQ(Get("/v1/keys/text", {"Accept: */*"}).body, "text");
}

TEST_F(KeyRoutesTest, EnvelopeNamesAKeyThatIsNotText) {
  Put("/v1/keys/%FF", "v");

  const boost::json::object raw = JsonOf(Get("/v1/keys/%FF", {"Accept: application/json"}));
  const boost::json::object asked =
      JsonOf(Get("/v1/keys/_w?enc=base64url", {"Accept: application/json"}));

  EXPECT_EQ(raw.at("key"), "_w");
  EXPECT_EQ(raw.at("key_encoding"), "base64url");
  EXPECT_EQ(asked.at("key"), "_w");
}

TEST_F(KeyRoutesTest, BadEnvelopesAreRefusedAndNothingIsWritten) {
  for (const char* body :
       {"", "{", "[]", "\"v\"", "{}", R"({"value":1})", R"({"value":{"a":1}})",
        R"({"value":"v","tll":"60s"})", R"({"value":"v","ttl":60})",
        R"({"value":"v","encoding":"hex"})", R"({"value":"!","encoding":"base64"})",
        "{\"value\":\"\xFF\"}", R"({"value":"\ud800"})", R"({"value":"v"}x)"}) {
    const RawResponse refused = Put("/v1/keys/k", body, {"Content-Type: application/json"});
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_EQ(CodeOf(refused), "JSON_INVALID") << body;
  }
  EXPECT_TRUE(backend_.requests().empty());
  EXPECT_EQ(CodeOf(Put("/v1/keys/k?ttl=1s", R"({"value":"v","ttl":"2s"})",
                       {"Content-Type: application/json"})),
            "TTL_INVALID");
}

TEST_F(KeyRoutesTest, OptionsReachTheBackend) {
  Put("/v1/namespaces/web/keys/k?consistency=ALL&durability=fsync", "v",
      {"X-Timeout-Ms: 250", "Idempotency-Key: \"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
       "Idempotency-First: 1.2.0"});

  const service::CacheRequest request = backend_.last_request();
  EXPECT_EQ(request.namespace_name, "web");
  EXPECT_EQ(request.consistency, model::Consistency::kAll);
  EXPECT_EQ(request.durability, model::Durability::kFsync);
  EXPECT_EQ(request.timeout, absl::Milliseconds(250));
  EXPECT_EQ(request.request_id, "8e03978e-40d5-43e8-bc93-6894a57f9324");
  EXPECT_EQ(request.first, "1.2.0");
}

TEST_F(KeyRoutesTest, UnsetOptionsAreLeftToTheBackend) {
  Get("/v1/keys/k");

  const service::CacheRequest request = backend_.last_request();
  EXPECT_EQ(request.namespace_name, "");
  EXPECT_EQ(request.consistency, model::Consistency::kUnspecified);
  EXPECT_EQ(request.durability, model::Durability::kUnspecified);
  EXPECT_EQ(request.timeout, absl::ZeroDuration());
}

TEST_F(KeyRoutesTest, OptionsThatAreNoneAreRefused) {
  EXPECT_EQ(CodeOf(Get("/v1/keys/k?consistency=most")), "CONSISTENCY_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/keys/k?consistency=")), "CONSISTENCY_INVALID");
  EXPECT_EQ(CodeOf(Put("/v1/keys/k?durability=ram", "v")), "DURABILITY_INVALID");
  EXPECT_EQ(CodeOf(Put("/v1/keys/k?tll=60s", "v")), "PARAMETER_UNKNOWN");
  EXPECT_EQ(CodeOf(Get("/v1/keys/k?ttl=60s")), "PARAMETER_UNKNOWN") << "a GET has no ttl";
  EXPECT_EQ(CodeOf(Put("/v1/keys/k?ttl=1s&ttl=2s", "v")), "QUERY_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/keys/k?consistency=%zz")), "QUERY_INVALID");
  for (const char* timeout : {"0", "-1", "1.5", "soon", "99999999999"}) {
    EXPECT_EQ(CodeOf(Get("/v1/keys/k", {absl::StrCat("X-Timeout-Ms: ", timeout)})),
              "TIMEOUT_INVALID");
  }
  EXPECT_EQ(CodeOf(Get("/v1/namespaces//keys/k")), "NAMESPACE_INVALID");
  EXPECT_TRUE(backend_.requests().empty());
}

TEST_F(KeyRoutesTest, KeysThatAreTooShortOrTooLongAreRefused) {
  EXPECT_EQ(CodeOf(Get("/v1/keys/")), "KEY_INVALID");
  EXPECT_EQ(CodeOf(Put("/v1/keys/", "v")), "KEY_INVALID");
  EXPECT_EQ(Put(absl::StrCat("/v1/keys/", std::string(4096, 'k')), "v").status, 201);
  EXPECT_EQ(CodeOf(Put(absl::StrCat("/v1/keys/", std::string(4097, 'k')), "v")), "KEY_INVALID");
}

TEST_F(KeyRoutesTest, ValueOverTheLimitIsRefusedHoweverMuchTooLarge) {
  const std::string just_over(limits::kValueSizeBytesMaxDefault + 1, 'v');

  const RawResponse by_backend = Put("/v1/keys/k", just_over);
  EXPECT_EQ(by_backend.status, 413);
  EXPECT_EQ(CodeOf(by_backend), "VALUE_TOO_LARGE");

  const RawResponse by_server = Put("/v1/keys/k", std::string(size_t{8} << 20, 'v'));
  EXPECT_EQ(by_server.status, 413);
  EXPECT_EQ(CodeOf(by_server), "BODY_TOO_LARGE");
}

TEST_F(KeyRoutesTest, LargestValueFitsEvenAsBase64) {
  const std::string value(limits::kValueSizeBytesMaxDefault, '\xFF');

  const RawResponse put =
      Put("/v1/keys/k",
          absl::StrCat(R"({"encoding":"base64","value":")", http::Base64Encode(value), "\"}"),
          {"Content-Type: application/json"});

  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(Get("/v1/keys/k").body, value);
}

TEST_F(KeyRoutesTest, ErrorSaysOutcomeRetryAndRequestId) {
  service::CacheError error;
  error.code = absl::StatusCode::kDeadlineExceeded;
  error.reason = "OUTCOME_UNKNOWN";
  error.message = "1 of 2 answered";
  error.outcome_unknown = true;
  error.metadata = {{"first", "1.2.0"}, {"acked", "1"}, {"required", "2"}};
  backend_.FailWith(error);

  const RawResponse failed = Put("/v1/keys/k", "v", {"X-Request-Id: req-7"});

  EXPECT_EQ(failed.status, 504);
  EXPECT_EQ(failed.headers.at("x-request-id"), "req-7");
  const boost::json::object problem = JsonOf(failed);
  EXPECT_EQ(problem.at("outcome"), "unknown");
  EXPECT_EQ(problem.at("retryable"), true);
  EXPECT_EQ(problem.at("request_id"), "req-7");
  EXPECT_EQ(problem.at("first"), "1.2.0");
}

}  // namespace
}  // namespace quorumcache::gateway
