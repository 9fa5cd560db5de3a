// SPDX-License-Identifier: Apache-2.0
// The origin's clients, as they were.
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;

class OriginRoutesTest : public GatewayFixture {};

TEST_F(OriginRoutesTest, SetGetDelete) {
  const RawResponse set = Post("/set", R"({"key":"a b","value":"1"})");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(set.body, R"({"status":"OK"})");

  EXPECT_EQ(Get("/get?key=a+b").body, R"({"value":"1"})");
  EXPECT_EQ(Get("/get?key=a%20b").body, R"({"value":"1"})");

  EXPECT_EQ(Ask("DELETE", "/delete?key=a+b").status, 200);
  EXPECT_EQ(Get("/get?key=a+b").status, 404);
}

TEST_F(OriginRoutesTest, KeysAreThoseOfTheDefaultNamespace) {
  Put("/v1/keys/k", "new door");

  EXPECT_EQ(Get("/get?key=k").body, R"({"value":"new door"})");
}

TEST_F(OriginRoutesTest, ContentTypeOfSetDoesNotMatter) {
  EXPECT_EQ(Post("/set", R"({"key":"k","value":"v"})",
                 {"Content-Type: application/x-www-form-urlencoded"})
                .status,
            200);
}

TEST_F(OriginRoutesTest, ValueThatIsNotTextIsMarked) {
  Put("/v1/keys/k", "\xFF");

  EXPECT_EQ(Get("/get?key=k").body, R"({"value":"/w==","encoding":"base64"})");
}

TEST_F(OriginRoutesTest, BadInputIsAProblem) {
  EXPECT_EQ(CodeOf(Post("/set", "{")), "JSON_INVALID");
  EXPECT_EQ(CodeOf(Post("/set", R"({"key":"k"})")), "JSON_INVALID");
  EXPECT_EQ(CodeOf(Post("/set", R"({"key":"","value":"v"})")), "KEY_INVALID");
  EXPECT_EQ(CodeOf(Get("/get")), "KEY_INVALID");
  EXPECT_EQ(CodeOf(Get("/get?key=")), "KEY_INVALID");
  EXPECT_EQ(CodeOf(Ask("DELETE", "/delete")), "KEY_INVALID");
  EXPECT_EQ(Get("/set").status, 405);
}

TEST_F(OriginRoutesTest, HealthIsOk) {
  EXPECT_EQ(Get("/health").body, R"({"status":"OK"})");
}

}  // namespace
}  // namespace quorumcache::gateway
