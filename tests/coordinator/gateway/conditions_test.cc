// SPDX-License-Identifier: Apache-2.0
// Conditional requests, end to end.
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;
using service::ConditionKind;

class ConditionsTest : public GatewayFixture {
 protected:
  std::string Etag() { return Get("/v1/keys/k").headers.at("etag"); }
};

TEST_F(ConditionsTest, IfNoneMatchStarWritesOnlyWhereThereIsNothing) {
  EXPECT_EQ(Put("/v1/keys/k", "first", {"If-None-Match: *"}).status, 201);
  const std::string etag = Etag();

  const RawResponse second = Put("/v1/keys/k", "second", {"If-None-Match: *"});

  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(CodeOf(second), "KEY_EXISTS");
  EXPECT_EQ(second.headers.at("etag"), etag);
  EXPECT_EQ(Get("/v1/keys/k").body, "first");
}

TEST_F(ConditionsTest, IfMatchWritesOnlyOverTheSameVersion) {
  Put("/v1/keys/k", "first");
  const std::string old_etag = Etag();
  EXPECT_EQ(Put("/v1/keys/k", "second", {absl::StrCat("If-Match: ", old_etag)}).status, 204);

  const RawResponse third = Put("/v1/keys/k", "third", {absl::StrCat("If-Match: ", old_etag)});

  EXPECT_EQ(third.status, 412);
  EXPECT_EQ(CodeOf(third), "ETAG_MISMATCH");
  EXPECT_EQ(third.headers.at("etag"), Etag());
  EXPECT_EQ(Get("/v1/keys/k").body, "second");
}

TEST_F(ConditionsTest, IfMatchStarNeedsAValue) {
  EXPECT_EQ(CodeOf(Put("/v1/keys/k", "v", {"If-Match: *"})), "KEY_NOT_FOUND");
  EXPECT_EQ(backend_.last_request().condition, ConditionKind::kIfPresent);
  Put("/v1/keys/k", "v");

  EXPECT_EQ(Put("/v1/keys/k", "w", {"If-Match: *"}).status, 204);
}

TEST_F(ConditionsTest, DeleteTakesTheSameConditions) {
  Put("/v1/keys/k", "v");

  EXPECT_EQ(Ask("DELETE", "/v1/keys/k", {"If-Match: \"1.99.a\""}).status, 412);
  EXPECT_EQ(Ask("DELETE", "/v1/keys/k", {absl::StrCat("If-Match: ", Etag())}).status, 204);
  EXPECT_EQ(Ask("DELETE", "/v1/keys/k", {"If-Match: *"}).status, 412);
}

TEST_F(ConditionsTest, WeakEtagNeverMatchesAWrite) {
  Put("/v1/keys/k", "v");

  const RawResponse refused = Put("/v1/keys/k", "w", {absl::StrCat("If-Match: W/", Etag())});

  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(CodeOf(refused), "ETAG_MISMATCH");
  EXPECT_EQ(Get("/v1/keys/k").body, "v");
}

TEST_F(ConditionsTest, WriteConditionsWithoutAMeaningHereAreRefused) {
  EXPECT_EQ(CodeOf(Put("/v1/keys/k", "v", {"If-Match: \"a\", \"b\""})), "CONDITION_UNSUPPORTED");
  EXPECT_EQ(CodeOf(Put("/v1/keys/k", "v", {"If-None-Match: \"a\""})), "CONDITION_UNSUPPORTED");
  EXPECT_EQ(CodeOf(Put("/v1/keys/k", "v", {"If-Match: *", "If-None-Match: *"})),
            "CONDITION_UNSUPPORTED");
  EXPECT_EQ(CodeOf(Put("/v1/keys/k", "v", {"If-Match: bare"})), "ETAG_INVALID");
  EXPECT_TRUE(backend_.requests().empty());
}

TEST_F(ConditionsTest, ReadOfAKnownVersionIsNotModified) {
  Put("/v1/keys/k?ttl=60s", "value");
  const std::string etag = Etag();

  const RawResponse same = Get("/v1/keys/k", {absl::StrCat("If-None-Match: \"x\", W/", etag)});

  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.headers.at("etag"), etag);
  EXPECT_TRUE(same.headers.contains("expires"));
  EXPECT_EQ(Get("/v1/keys/k", {"If-None-Match: \"x\""}).body, "value");
  EXPECT_EQ(Get("/v1/keys/k", {"If-None-Match: *"}).status, 304);
  EXPECT_EQ(Get("/v1/keys/missing", {"If-None-Match: *"}).status, 404);
}

TEST_F(ConditionsTest, ReadOfAnotherVersionThanAskedForFails) {
  Put("/v1/keys/k", "value");
  const std::string etag = Etag();

  const RawResponse other = Get("/v1/keys/k", {"If-Match: \"x\""});

  EXPECT_EQ(other.status, 412);
  EXPECT_EQ(CodeOf(other), "ETAG_MISMATCH");
  EXPECT_EQ(other.headers.at("etag"), etag);
  EXPECT_EQ(Get("/v1/keys/k", {absl::StrCat("If-Match: ", etag)}).body, "value");
}

}  // namespace
}  // namespace quorumcache::gateway
