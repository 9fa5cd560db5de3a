// SPDX-License-Identifier: Apache-2.0
#include "common/http/router.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorumcache::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    for (const char* method : {"GET", "PUT"}) Add(method, "/v1/keys/{key}");
    Add("GET", "/v1/keys");
    Add("POST", "/v1/keys:multiGet");
    Add("GET", "/v1/namespaces/{ns}/keys/{key}");
    Add("GET", "/v1/keys/special");
  }

  void Add(const char* method, const char* pattern) {
    router_.Add({.method = method, .pattern = pattern, .handler = [](HttpRequest, Responder) {}});
  }

  std::string KeyOf(absl::string_view path) {
    const RouteMatch match = router_.Match("GET", path);
    if (match.route == nullptr || match.path_params.empty()) return "(no key)";
    return match.path_params.back().second;
  }

  Router router_;
};

TEST_F(RouterTest, KeyIsExactlyOneSegmentDecodedAfterwards) {
  EXPECT_EQ(KeyOf("/v1/keys/user%3A1"), "user:1");
  EXPECT_EQ(KeyOf("/v1/keys/a%2Fb%2F"), "a/b/");
  EXPECT_EQ(KeyOf("/v1/keys/a%00b"), std::string("a\0b", 3));
  EXPECT_EQ(KeyOf("/v1/keys/a+b"), "a+b");
  EXPECT_EQ(KeyOf("/v1/keys/.."), "..");
  EXPECT_EQ(KeyOf("/v1/keys/%252F"), "%2F");
  EXPECT_EQ(router_.Match("GET", "/v1/keys/a/b").status, 404);
}

TEST_F(RouterTest, EmptyKeyReachesTheHandlerWhichCanSayWhy) {
  EXPECT_EQ(KeyOf("/v1/keys/"), "");
}

TEST_F(RouterTest, ParametersComeInOrder) {
  const RouteMatch match = router_.Match("GET", "/v1/namespaces/web/keys/k");

  EXPECT_THAT(match.path_params, ElementsAre(Pair("ns", "web"), Pair("key", "k")));
}

TEST_F(RouterTest, MoreLiteralPatternWins) {
  EXPECT_EQ(router_.Match("GET", "/v1/keys/special").route->pattern, "/v1/keys/special");
  EXPECT_EQ(router_.Match("PUT", "/v1/keys/special").route->pattern, "/v1/keys/{key}");
}

TEST_F(RouterTest, LiteralMayComeEncodedButNotWithASlashInside) {
  EXPECT_NE(router_.Match("POST", "/v1/keys%3AmultiGet").route, nullptr);
  EXPECT_EQ(router_.Match("GET", "/v1%2Fkeys/k").status, 404);
}

TEST_F(RouterTest, GetRouteAnswersHead) {
  EXPECT_EQ(router_.Match("HEAD", "/v1/keys/k").route->method, "GET");
}

TEST_F(RouterTest, UnknownMethodIsToldWhichThereAre) {
  const RouteMatch match = router_.Match("BREW", "/v1/keys/k");

  EXPECT_EQ(match.status, 405);
  EXPECT_EQ(match.allow, "GET, HEAD, PUT");
}

TEST_F(RouterTest, UnknownPathIsNotFoundAndSaysHowToWriteASlash) {
  for (const char* path : {"/", "/v2", "/v1/keys/a/b", "*", "", "//v1/keys/k", "/V1/keys/k"}) {
    const RouteMatch match = router_.Match("GET", path);
    EXPECT_EQ(match.status, 404) << path;
    EXPECT_THAT(match.detail, HasSubstr("%2F"));
  }
}

TEST_F(RouterTest, BadEncodingInAKeyIsABadRequest) {
  for (const char* path : {"/v1/keys/%", "/v1/keys/%4", "/v1/keys/%zz"}) {
    EXPECT_EQ(router_.Match("GET", path).status, 400) << path;
  }
}

TEST_F(RouterTest, RoutesAreListedAsAdded) {
  EXPECT_EQ(router_.routes().size(), 6);
  EXPECT_EQ(router_.routes()[2]->pattern, "/v1/keys");
}

using RouterDeathTest = RouterTest;

TEST_F(RouterDeathTest, SameRouteTwiceIsABug) {
  EXPECT_DEATH(Add("GET", "/v1/keys"), "check failed");
}

}  // namespace
}  // namespace quorumcache::http
