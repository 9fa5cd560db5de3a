// SPDX-License-Identifier: Apache-2.0
// GatewayFixture: the gateway behind a real server, over a FakeBackend.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/server.h"
#include "common/json/json.h"
#include "coordinator/gateway/gateway.h"
#include "gtest/gtest.h"
#include "tests/common/http/raw_client.h"
#include "tests/coordinator/gateway/fake_backend.h"
#include "tests/coordinator/service/fake_admin.h"

namespace quorumcache::gateway {

class GatewayFixture : public testing::Test {
 protected:
  GatewayFixture() {
    AddRoutes(
        backend_,
        {.metrics_text = [] { return std::string("cache_hits_total 1\n"); }, .admin = &admin_},
        router_);
    absl::StatusOr<std::unique_ptr<http::Server>> server = http::Server::Start({}, router_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<http::RawClient>(server_->port());
  }
  // What the handlers borrow is declared before the server, so it goes first.
  ~GatewayFixture() override { server_.reset(); }

  // One request over the kept connection; `headers` are lines without their ends. Status 0: no
  // answer.
  http::RawResponse Ask(absl::string_view method, absl::string_view target,
                        const std::vector<std::string>& headers = {}, absl::string_view body = "") {
    std::string request = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: x\r\n");
    for (const std::string& header : headers) absl::StrAppend(&request, header, "\r\n");
    if (!body.empty()) absl::StrAppend(&request, "Content-Length: ", body.size(), "\r\n");
    absl::StrAppend(&request, "\r\n", body);
    client_->Send(request);
    return client_->Read(method == "HEAD").value_or(http::RawResponse());
  }

  http::RawResponse Get(absl::string_view target, const std::vector<std::string>& headers = {}) {
    return Ask("GET", target, headers);
  }
  http::RawResponse Put(absl::string_view target, absl::string_view body,
                        const std::vector<std::string>& headers = {}) {
    return Ask("PUT", target, headers, body);
  }
  http::RawResponse Post(absl::string_view target, absl::string_view body,
                         const std::vector<std::string>& headers = {}) {
    return Ask("POST", target, headers, body);
  }

  static boost::json::object JsonOf(const http::RawResponse& response) {
    boost::json::error_code failed;
    boost::json::value value = boost::json::parse(response.body, failed);
    EXPECT_FALSE(failed) << response.body;
    return value.is_object() ? value.as_object() : boost::json::object();
  }
  // The "code" of a problem; "" when the answer is none.
  static std::string CodeOf(const http::RawResponse& response) {
    const auto type = response.headers.find("content-type");
    if (type == response.headers.end() || type->second != "application/problem+json") return "";
    const boost::json::object problem = JsonOf(response);
    return std::string(problem.at("code").as_string());
  }

  FakeBackend backend_;
  service::FakeAdmin admin_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::RawClient> client_;
};

}  // namespace quorumcache::gateway
