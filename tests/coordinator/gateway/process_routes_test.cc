// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;
using testing::HasSubstr;

class ProcessRoutesTest : public GatewayFixture {};

TEST_F(ProcessRoutesTest, LiveAsLongAsItAnswers) {
  backend_.SetReady(false);

  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(ProcessRoutesTest, ReadyAsTheBackendSays) {
  EXPECT_EQ(Get("/readyz").body, "ok\n");
  EXPECT_EQ(Get("/readyz?verbose").body, "ok\nmap: epoch 12\n");
  backend_.SetReady(false);

  const RawResponse not_ready = Get("/readyz");

  EXPECT_EQ(not_ready.status, 503);
  EXPECT_THAT(not_ready.body, HasSubstr("map: none yet"));
}

TEST_F(ProcessRoutesTest, MetricsAreWhatTheProviderSays) {
  const RawResponse metrics = Get("/metrics");

  EXPECT_EQ(metrics.body, "cache_hits_total 1\n");
  EXPECT_THAT(metrics.headers.at("content-type"), HasSubstr("version=0.0.4"));
}

class OpenApiTest : public GatewayFixture {
 protected:
  OpenApiTest() : document_(JsonOf(Get("/openapi.json"))) {}

  // Follows every "$ref" below `value`; what leads nowhere goes into dangling_.
  void CheckReferences(const boost::json::value& value) {
    if (value.is_array()) {
      for (const boost::json::value& item : value.get_array()) CheckReferences(item);
    }
    if (!value.is_object()) return;
    for (const auto& member : value.get_object()) {
      CheckReferences(member.value());
      if (member.key() != "$ref") continue;
      const std::string target(member.value().as_string());
      boost::json::error_code failed;
      boost::json::value(document_).find_pointer(target.substr(1), failed);
      if (failed) dangling_.insert(target);
    }
  }

  boost::json::object document_;
  std::set<std::string> dangling_;
};

TEST_F(OpenApiTest, DescribesEveryRouteAndNoOther) {
  std::set<std::string> described;
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      // A GET answers HEAD without a route of its own.
      if (operation.key() == "head") continue;
      described.insert(absl::StrCat(absl::AsciiStrToUpper(std::string(operation.key())), " ",
                                    std::string(path.key())));
    }
  }

  std::set<std::string> routes;
  for (const http::Route* route : router_.routes()) {
    routes.insert(absl::StrCat(route->method, " ", route->pattern));
  }

  EXPECT_EQ(described, routes);
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  CheckReferences(document_);

  EXPECT_THAT(dangling_, testing::IsEmpty());
}

TEST_F(OpenApiTest, EveryPathParameterIsDescribed) {
  const boost::json::value document(document_);
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      std::set<std::string> in_path;
      if (const auto* parameters = operation.value().as_object().if_contains("parameters")) {
        for (const boost::json::value& parameter : parameters->as_array()) {
          const std::string target(parameter.at("$ref").as_string());
          const boost::json::value& resolved = document.at_pointer(target.substr(1));
          if (resolved.at("in") == "path") {
            in_path.insert(absl::StrCat("{", std::string(resolved.at("name").as_string()), "}"));
          }
        }
      }
      std::set<std::string> in_pattern;
      for (const char* name : {"{ns}", "{key}"}) {
        if (absl::StrContains(std::string(path.key()), name)) in_pattern.insert(name);
      }
      EXPECT_EQ(in_path, in_pattern) << path.key() << " " << operation.key();
    }
  }
}

}  // namespace
}  // namespace quorumcache::gateway
