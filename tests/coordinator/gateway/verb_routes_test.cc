// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;

constexpr char kId[] = "Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324";

class VerbRoutesTest : public GatewayFixture {};

TEST_F(VerbRoutesTest, TouchChangesTheExpiryAndKeepsTheValue) {
  Put("/v1/keys/k", "value");

  const RawResponse touched = Post("/v1/keys:touch", R"({"key":"k","ttl":"60s"})");

  EXPECT_EQ(touched.status, 200);
  EXPECT_EQ(JsonOf(touched).at("expire_time"), "2027-01-15T08:01:00.000Z");
  EXPECT_EQ(Get("/v1/keys/k").body, "value");
}

TEST_F(VerbRoutesTest, TouchWithoutTtlMeansForEver) {
  Put("/v1/keys/k?ttl=60s", "value");

  const RawResponse touched = Post("/v1/keys:touch", R"({"key":"k"})");

  EXPECT_FALSE(JsonOf(touched).contains("expire_time"));
  EXPECT_FALSE(Get("/v1/keys/k").headers.contains("expires"));
}

TEST_F(VerbRoutesTest, TouchOfNothingIsAMiss) {
  const RawResponse missed = Post("/v1/keys:touch", R"({"key":"k","ttl":"60s"})");

  EXPECT_EQ(missed.status, 404);
  EXPECT_EQ(CodeOf(missed), "KEY_NOT_FOUND");
}

TEST_F(VerbRoutesTest, IncrementAddsAndAnswersTheSum) {
  EXPECT_EQ(JsonOf(Post("/v1/keys:increment", R"({"key":"n"})", {kId})).at("value"), 1);
  EXPECT_EQ(JsonOf(Post("/v1/keys:increment", R"({"key":"n","delta":-3})", {kId})).at("value"), -2);
  EXPECT_EQ(JsonOf(Post("/v1/keys:increment", R"({"key":"m","delta":2,"initial":40})", {kId}))
                .at("value"),
            42);
}

TEST_F(VerbRoutesTest, IncrementNeedsANumberAndAnId) {
  Put("/v1/keys/text", "text");

  const RawResponse no_number = Post("/v1/keys:increment", R"({"key":"text"})", {kId});
  EXPECT_EQ(no_number.status, 409);
  EXPECT_EQ(CodeOf(no_number), "NOT_AN_INTEGER");
  EXPECT_EQ(CodeOf(Post("/v1/keys:increment", R"({"key":"n"})")), "REQUEST_ID_REQUIRED");
  for (const char* delta : {"1.5", "\"1\"", "9223372036854775808", "1e3", "null"}) {
    EXPECT_EQ(CodeOf(Post("/v1/keys:increment", absl::StrCat(R"({"key":"n","delta":)", delta, "}"),
                          {kId})),
              "JSON_INVALID")
        << delta;
  }
}

TEST_F(VerbRoutesTest, CompareAndSetReplacesOnlyTheSameVersion) {
  Put("/v1/keys/k", "one");
  const std::string quoted = Get("/v1/keys/k").headers.at("etag");
  const std::string body =
      absl::StrCat(R"({"key":"k","value":"two","ttl":"60s","etag":)", quoted, "}");

  const RawResponse first = Post("/v1/keys:cas", body);
  const RawResponse second = Post("/v1/keys:cas", body);

  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(JsonOf(first).contains("etag"));
  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(CodeOf(second), "ETAG_MISMATCH");
  EXPECT_EQ(Get("/v1/keys/k").body, "two");
}

TEST_F(VerbRoutesTest, NamespaceAndBinaryKeysWorkAsElsewhere) {
  Put("/v1/namespaces/web/keys/%FF", "value");

  const RawResponse touched =
      Post("/v1/namespaces/web/keys:touch?enc=base64url", R"({"key":"_w","ttl":"60s"})");

  EXPECT_EQ(touched.status, 200);
  EXPECT_EQ(JsonOf(touched).at("key"), "_w");
  EXPECT_EQ(JsonOf(touched).at("key_encoding"), "base64url");
}

TEST_F(VerbRoutesTest, MistypedMembersAreRefused) {
  EXPECT_EQ(CodeOf(Post("/v1/keys:touch", R"({"key":"k","tll":"60s"})")), "JSON_INVALID");
  EXPECT_EQ(CodeOf(Post("/v1/keys:touch", R"({"ttl":"60s"})")), "JSON_INVALID");
  EXPECT_EQ(CodeOf(Post("/v1/keys:cas", R"({"key":"k","value":"v"})")), "JSON_INVALID");
  EXPECT_EQ(CodeOf(Post("/v1/keys:touch", "")), "JSON_INVALID");
  EXPECT_TRUE(backend_.requests().empty());
}

TEST_F(VerbRoutesTest, WhatTheBackendCannotDoYetIsNotImplemented) {
  service::CacheError error;
  error.code = absl::StatusCode::kUnimplemented;
  error.reason = "UNIMPLEMENTED";
  backend_.FailWith(error);

  EXPECT_EQ(Post("/v1/keys:increment", R"({"key":"n"})", {kId}).status, 501);
}

}  // namespace
}  // namespace quorumcache::gateway
