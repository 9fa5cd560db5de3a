// SPDX-License-Identifier: Apache-2.0
// The HTTP door of a real cluster: the routes, and what bad HTTP gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_test.h"

namespace quorumcache::integration {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpDoorTest : public ClusterTest {
 protected:
  static HttpReply Call(const std::string& method, const std::string& target,
                        const std::string& body = "", const HttpHeaders& headers = {}) {
    auto reply = HttpCall(http(), method, target, body, headers);
    EXPECT_THAT(reply, support::IsOk());
    return reply.ok() ? *std::move(reply) : HttpReply{};
  }
  static std::string Raw(const std::string& bytes) {
    return RawExchange(http(), bytes).value_or("no answer");
  }
};

TEST_F(HttpDoorTest, PutCreatesThenReplacesGetReadsDeleteRemoves) {
  EXPECT_EQ(Call("PUT", "/v1/keys/door", "one").status, 201);
  EXPECT_EQ(Call("PUT", "/v1/keys/door", "two").status, 204);
  const HttpReply got = Call("GET", "/v1/keys/door");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "two");
  EXPECT_EQ(got.headers.at("cache-control"), "no-store");
  EXPECT_EQ(Call("HEAD", "/v1/keys/door").headers.at("etag"), got.headers.at("etag"));
  EXPECT_EQ(Call("DELETE", "/v1/keys/door").status, 204);
  EXPECT_EQ(Call("GET", "/v1/keys/door").status, 404);
}

TEST_F(HttpDoorTest, BinaryKeysAreByteExact) {
  EXPECT_EQ(Call("PUT", "/v1/keys/a%2Fb%00%FF+", "binary").status, 201);

  EXPECT_EQ(Call("GET", "/v1/keys/a%2fb%00%ff%2B").body, "binary");
  EXPECT_EQ(Call("GET", "/v1/keys/a%2Fb").status, 404);
  // The same bytes, in base64url.
  EXPECT_EQ(Call("GET", "/v1/keys/YS9iAP8r?enc=base64url").body, "binary");
}

TEST_F(HttpDoorTest, EtagConditionsAreCompareAndSet) {
  ASSERT_EQ(Call("PUT", "/v1/keys/cas", "1", {{"If-None-Match", "*"}}).status, 201);
  EXPECT_EQ(Call("PUT", "/v1/keys/cas", "2", {{"If-None-Match", "*"}}).status, 412);
  const std::string etag = Call("GET", "/v1/keys/cas").headers.at("etag");
  EXPECT_EQ(Call("PUT", "/v1/keys/cas", "2", {{"If-Match", etag}}).status, 204);
  EXPECT_EQ(Call("PUT", "/v1/keys/cas", "3", {{"If-Match", etag}}).status, 412);
  EXPECT_EQ(Call("GET", "/v1/keys/cas").body, "2");
}

TEST_F(HttpDoorTest, TheOriginsRoutesWork) {
  EXPECT_EQ(Call("POST", "/set", R"({"key":"origin","value":"v"})").status, 200);
  EXPECT_THAT(Call("GET", "/get?key=origin").body, HasSubstr(R"("value":"v")"));
  EXPECT_EQ(Call("DELETE", "/delete?key=origin").status, 200);
  EXPECT_EQ(Call("GET", "/get?key=origin").status, 404);
  EXPECT_EQ(Call("GET", "/health").body, R"({"status":"OK"})");
  const auto join = Call("POST", "/join", R"({"node":"127.0.0.1:1"})");
  EXPECT_EQ(join.status, 503);
  EXPECT_THAT(join.body, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(join.body, HasSubstr("Nothing was changed"));
}

TEST_F(HttpDoorTest, MetricsHaveTheFourNames) {
  Call("GET", "/v1/keys/never-set");
  const std::string text = Call("GET", "/metrics").body;
  EXPECT_THAT(text, HasSubstr("cache_hits_total "));
  EXPECT_THAT(text, HasSubstr("cache_misses_total "));
  EXPECT_THAT(text, HasSubstr("cache_requests_total{operation=\"get\"}"));
  EXPECT_THAT(text, HasSubstr("cache_request_latency_seconds_bucket{operation=\"get\""));
  const auto node = HttpCall(cluster().storage_nodes()[0].http, "GET", "/metrics");
  ASSERT_THAT(node, support::IsOk());
  EXPECT_THAT(node->body, HasSubstr("process_resident_memory_bytes"));
}

TEST_F(HttpDoorTest, ExpiredKeysAreGone) {
  ASSERT_EQ(Call("PUT", "/v1/keys/brief?ttl=1s", "v").status, 201);
  EXPECT_EQ(Call("GET", "/v1/keys/brief").status, 200);
  const absl::Time until = absl::Now() + absl::Seconds(30);
  while (Call("GET", "/v1/keys/brief").status == 200 && absl::Now() < until) {
  }
  EXPECT_EQ(Call("GET", "/v1/keys/brief").status, 404);
  EXPECT_EQ(Call("PUT", "/v1/keys/brief", "v").status, 201);
}

TEST_F(HttpDoorTest, BadTtlsAndJsonAreProblems) {
  for (const std::string ttl : {"0s", "-1s", "1000000000000s", "soon"}) {
    const HttpReply reply = Call("PUT", absl::StrCat("/v1/keys/ttl?ttl=", ttl), "v");
    EXPECT_EQ(reply.status, 400) << ttl;
    EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
    EXPECT_THAT(reply.body, HasSubstr("TTL_INVALID"));
    EXPECT_THAT(reply.body, HasSubstr("not_applied"));
  }
  const HttpHeaders json = {{"Content-Type", "application/json"}};
  EXPECT_EQ(Call("PUT", "/v1/keys/json", "{\"value\":", json).status, 400);
  EXPECT_EQ(Call("POST", "/set", "[]").status, 400);
  EXPECT_EQ(Call("GET", "/v1/keys/json").status, 404);
}

TEST_F(HttpDoorTest, KeysAndValuesOverTheLimitAreRefused) {
  EXPECT_EQ(Call("GET", absl::StrCat("/v1/keys/", std::string(4097, 'k'))).status, 400);
  EXPECT_EQ(Call("PUT", "/v1/keys/large", std::string((size_t{4} << 20) + 1, 'v')).status, 413);
  EXPECT_EQ(Call("GET", "/v1/keys/large").status, 404);
  EXPECT_EQ(Call("GET", "/v1/namespaces/nowhere/keys/k").status, 404);
}

TEST_F(HttpDoorTest, SmuggledAndMalformedRequestsAreRefused) {
  const std::string put = "PUT /v1/keys/smuggled HTTP/1.1\r\nHost: h\r\n";
  EXPECT_THAT(Raw(put + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Raw(put + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Raw(put + "Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Raw(put + "X-Long: " + std::string(1 << 20, 'h') + "\r\n\r\n"),
              AnyOf(StartsWith("HTTP/1.1 431"), StartsWith("no answer")));
  EXPECT_THAT(Raw("NONSENSE\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(Call("GET", "/v1/keys/smuggled").status, 404);
}

}  // namespace
}  // namespace quorumcache::integration
