// SPDX-License-Identifier: Apache-2.0
#include "common/http/problem.h"

#include "common/json/json.h"
#include "gtest/gtest.h"

namespace quorumcache::http {
namespace {

boost::json::object BodyOf(const HttpResponse& response) {
  return boost::json::parse(response.body).as_object();
}

TEST(ProblemTest, HasTheMembersOfRfc9457AndOurs) {
  const HttpResponse response = ProblemResponse({.status = 504,
                                                 .code = "OUTCOME_UNKNOWN",
                                                 .detail = "1 of 2 replicas answered",
                                                 .outcome_unknown = true,
                                                 .retryable = true,
                                                 .extensions = {{"acked", "1"}}},
                                                "id-1");

  EXPECT_EQ(response.status, 504);
  EXPECT_EQ(response.headers.Find("content-type"), "application/problem+json");
  EXPECT_EQ(response.headers.Find("Cache-Control"), "no-store");
  EXPECT_EQ(response.headers.Find("Retry-After"), std::nullopt);
  const boost::json::object body = BodyOf(response);
  EXPECT_EQ(body.at("type"), "urn:quorumcache:problem:OUTCOME_UNKNOWN");
  EXPECT_EQ(body.at("title"), "Gateway Timeout");
  EXPECT_EQ(body.at("status"), 504);
  EXPECT_EQ(body.at("detail"), "1 of 2 replicas answered");
  EXPECT_EQ(body.at("code"), "OUTCOME_UNKNOWN");
  EXPECT_EQ(body.at("outcome"), "unknown");
  EXPECT_EQ(body.at("retryable"), true);
  EXPECT_EQ(body.at("request_id"), "id-1");
  EXPECT_EQ(body.at("acked"), "1");
}

TEST(ProblemTest, RetryAfterIsWholeSecondsRoundedUp) {
  const auto retry_after = [](absl::Duration delay) {
    const HttpResponse response = ProblemResponse({.status = 503, .retry_after = delay}, "id");
    return std::string(response.headers.Find("Retry-After").value_or("none"));
  };

  EXPECT_EQ(retry_after(absl::Milliseconds(1500)), "2");
  EXPECT_EQ(retry_after(absl::Seconds(3)), "3");
  EXPECT_EQ(retry_after(absl::ZeroDuration()), "1");
}

TEST(ProblemTest, DetailThatIsNotTextIsEscaped) {
  const HttpResponse response = ProblemResponse({.status = 400, .detail = "key \xFF"}, "id");

  EXPECT_EQ(BodyOf(response).at("detail"), "key \\xff");
}

}  // namespace
}  // namespace quorumcache::http
