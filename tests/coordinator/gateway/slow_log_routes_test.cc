// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

class SlowLogRoutesTest : public GatewayFixture {};

TEST_F(SlowLogRoutesTest, OperationsComeWithWhatIsKnownOfThem) {
  const http::RawResponse answer = Get("/v1/slowlog");
  const boost::json::object log = JsonOf(answer);

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(log.at("coordinator"), "c1");
  EXPECT_EQ(log.at("threshold_seconds"), 0.1);
  EXPECT_EQ(log.at("total"), 7);
  const boost::json::value& slow = log.at("operations").at(0);
  EXPECT_EQ(slow.at("end_time"), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(slow.at("operation"), "set");
  EXPECT_EQ(slow.at("key"), "user:123...(34 bytes)");
  EXPECT_EQ(slow.at("token"), "fedcba9876543210");
  EXPECT_EQ(slow.at("consistency"), "all");
  EXPECT_EQ(slow.at("duration_seconds"), 1.5);
  EXPECT_EQ(slow.at("rounds"), 2);
  EXPECT_EQ(slow.at("attempts"), 1);
  EXPECT_EQ(slow.at("code"), "OUTCOME_UNKNOWN");
  EXPECT_EQ(slow.at("outcome"), "unknown");
  EXPECT_EQ(slow.at("awaited_nodes").at(0), "n2");
  EXPECT_EQ(slow.at("peer"), "127.0.0.1:5");
  EXPECT_EQ(slow.at("request_id"), "r-1");
}

TEST_F(SlowLogRoutesTest, WhatIsNotKnownIsLeftOut) {
  const boost::json::object log = JsonOf(Get("/v1/slowlog"));

  const boost::json::object& scan = log.at("operations").at(1).as_object();
  EXPECT_EQ(scan.at("outcome"), "ok");
  EXPECT_FALSE(scan.contains("code"));
  EXPECT_FALSE(scan.contains("consistency"));
}

TEST_F(SlowLogRoutesTest, GetForgetsNothingAndTakesALimit) {
  EXPECT_EQ(Get("/v1/slowlog?limit=3").status, 200);
  EXPECT_EQ(backend_.last_slow_log().limit, 3);
  EXPECT_FALSE(backend_.last_slow_log().reset);

  EXPECT_EQ(Get("/v1/slowlog").status, 200);
  EXPECT_EQ(backend_.last_slow_log().limit, 0);
}

TEST_F(SlowLogRoutesTest, WrongLimitsAndUnknownParametersAreRefused) {
  EXPECT_EQ(CodeOf(Get("/v1/slowlog?limit=0")), "PARAMETER_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/slowlog?limit=-1")), "PARAMETER_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/slowlog?reset=true")), "PARAMETER_UNKNOWN");
  EXPECT_EQ(CodeOf(Ask("DELETE", "/v1/slowlog?limit=1")), "PARAMETER_UNKNOWN");
}

TEST_F(SlowLogRoutesTest, DeleteForgets) {
  EXPECT_EQ(Ask("DELETE", "/v1/slowlog").status, 204);
  EXPECT_TRUE(backend_.last_slow_log().reset);
}

TEST_F(SlowLogRoutesTest, RequestsSayWhoAsks) {
  Get("/v1/keys/a", {"X-Request-Id: trace-7"});

  const std::shared_ptr<const service::Caller> caller = backend_.last_request().caller;
  ASSERT_NE(caller, nullptr);
  EXPECT_EQ(caller->request_id, "trace-7");
  EXPECT_THAT(caller->peer, testing::StartsWith("127.0.0.1:"));
}

}  // namespace
}  // namespace quorumcache::gateway
