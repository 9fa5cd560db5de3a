// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

class ScanRoutesTest : public GatewayFixture {};

TEST_F(ScanRoutesTest, PagesLeadThroughEveryKeyOfTheNamespace) {
  for (int i = 0; i < 25; ++i) Put(absl::StrCat("/v1/namespaces/web/keys/k", i), "v");
  Put("/v1/keys/other", "v");
  std::set<std::string> seen;
  std::string token;
  int pages = 0;

  do {
    const boost::json::object page =
        JsonOf(Get(absl::StrCat("/v1/namespaces/web/keys?page_size=10&page_token=", token)));
    for (const boost::json::value& entry : page.at("entries").as_array()) {
      seen.emplace(entry.at("key").as_string());
    }
    token = std::string(page.at("next_page_token").as_string());
    ++pages;
  } while (!token.empty());

  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 25);
}

TEST_F(ScanRoutesTest, ValuesComeOnlyWhenAskedFor) {
  Put("/v1/keys/a?ttl=60s", "value");

  const boost::json::object bare = JsonOf(Get("/v1/keys"));
  const boost::json::object full = JsonOf(Get("/v1/keys?include_values=true"));

  EXPECT_FALSE(bare.at("entries").at(0).as_object().contains("value"));
  EXPECT_TRUE(bare.at("entries").at(0).as_object().contains("etag"));
  EXPECT_EQ(full.at("entries").at(0).at("value"), "value");
  EXPECT_EQ(full.at("next_page_token"), "");
}

TEST_F(ScanRoutesTest, PrefixMayBeBinary) {
  Put("/v1/keys/%FFa", "v");
  Put("/v1/keys/b", "v");

  const boost::json::object page = JsonOf(Get("/v1/keys?prefix=_w&enc=base64url"));

  ASSERT_EQ(page.at("entries").as_array().size(), 1);
  EXPECT_EQ(page.at("entries").at(0).at("key"), "_2E");
  EXPECT_EQ(JsonOf(Get("/v1/keys?prefix=b")).at("entries").as_array().size(), 1);
}

TEST_F(ScanRoutesTest, ParametersThatAreNoneAreRefused) {
  for (const char* size : {"0", "1001", "-1", "many", ""}) {
    EXPECT_EQ(CodeOf(Get(absl::StrCat("/v1/keys?page_size=", size))), "PAGE_SIZE_INVALID") << size;
  }
  EXPECT_EQ(CodeOf(Get("/v1/keys?include_values=yes")), "PARAMETER_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/keys?limit=3")), "PARAMETER_UNKNOWN");
  EXPECT_EQ(Get("/v1/keys?page_size=1000").status, 200);
  EXPECT_EQ(backend_.last_scan().page_size, 1000);
}

TEST_F(ScanRoutesTest, BackendErrorIsAProblem) {
  service::CacheError error;
  error.code = absl::StatusCode::kUnavailable;
  error.reason = "QUORUM_UNREACHABLE";
  error.retry_after = absl::Milliseconds(250);
  backend_.FailWith(error);

  const http::RawResponse failed = Get("/v1/keys");

  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(CodeOf(failed), "QUORUM_UNREACHABLE");
  EXPECT_EQ(failed.headers.at("retry-after"), "1");
}

}  // namespace
}  // namespace quorumcache::gateway
