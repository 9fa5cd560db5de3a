// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

using http::RawResponse;

class BatchRoutesTest : public GatewayFixture {
 protected:
  // The "results" of an answer.
  boost::json::array Results(const RawResponse& response) {
    const boost::json::object body = JsonOf(response);
    return body.contains("results") ? body.at("results").as_array() : boost::json::array();
  }
};

TEST_F(BatchRoutesTest, ResultsComeInTheOrderOfTheKeys) {
  Put("/v1/keys/a?ttl=60s", "1", {"Content-Type: text/plain"});
  Put("/v1/keys/c", "\xFF");

  const RawResponse response = Post("/v1/keys:multiGet", R"({"keys":["c","b","a"]})");

  EXPECT_EQ(response.status, 200);
  const boost::json::array results = Results(response);
  ASSERT_EQ(results.size(), 3);
  EXPECT_EQ(results[0].at("key"), "c");
  EXPECT_EQ(results[0].at("value"), "/w==");
  EXPECT_EQ(results[0].at("encoding"), "base64");
  EXPECT_EQ(results[1].at("found"), false);
  EXPECT_FALSE(results[1].as_object().contains("value"));
  EXPECT_EQ(results[2].at("value"), "1");
  EXPECT_EQ(results[2].at("content_type"), "text/plain");
  EXPECT_EQ(results[2].at("expire_time"), "2027-01-15T08:01:00.000Z");
}

TEST_F(BatchRoutesTest, EachEntryIsWrittenWithItsOwnOptions) {
  const RawResponse response = Post("/v1/keys:multiSet?consistency=all",
                                    R"({"entries":[{"key":"a","value":"1","ttl":"60s"},
                     {"key":"b","value":"AP8=","encoding":"base64"}]})");

  const boost::json::array results = Results(response);
  ASSERT_EQ(results.size(), 2);
  EXPECT_TRUE(results[0].as_object().contains("expire_time"));
  EXPECT_FALSE(results[1].as_object().contains("expire_time"));
  EXPECT_EQ(Get("/v1/keys/b").body, std::string("\0\xFF", 2));
  EXPECT_EQ(backend_.requests()[0].consistency, model::Consistency::kAll);
}

TEST_F(BatchRoutesTest, OneKeyThatFailsDoesNotFailTheOthers) {
  const RawResponse response = Post("/v1/keys:multiSet",
                                    R"({"entries":[{"key":"a","value":"1"},
                     {"key":"","value":"2"},
                     {"key":"b","value":"3","ttl":"0s"}]})");

  EXPECT_EQ(response.status, 200);
  const boost::json::array results = Results(response);
  ASSERT_EQ(results.size(), 3);
  EXPECT_TRUE(results[0].as_object().contains("etag"));
  EXPECT_EQ(results[1].at("error").at("code"), "KEY_INVALID");
  EXPECT_EQ(results[1].at("error").at("outcome"), "not_applied");
  EXPECT_EQ(results[1].at("error").at("status"), 400);
  EXPECT_EQ(results[2].at("error").at("code"), "TTL_INVALID");
}

TEST_F(BatchRoutesTest, MultiDeleteDeletesEach) {
  Put("/v1/namespaces/web/keys/a", "1");
  Put("/v1/namespaces/web/keys/b", "1");

  const RawResponse response =
      Post("/v1/namespaces/web/keys:multiDelete", R"({"keys":["a","b","c"]})");

  EXPECT_EQ(Results(response).size(), 3);
  EXPECT_EQ(Get("/v1/namespaces/web/keys/a").status, 404);
  EXPECT_EQ(Get("/v1/namespaces/web/keys/b").status, 404);
}

TEST_F(BatchRoutesTest, BinaryKeysComeAndGoAsBase64Url) {
  Put("/v1/keys/%FF%00", "value");

  const RawResponse response = Post("/v1/keys:multiGet?enc=base64url", R"({"keys":["_wA"]})");

  ASSERT_EQ(Results(response).size(), 1);
  EXPECT_EQ(Results(response)[0].at("key"), "_wA");
  EXPECT_EQ(Results(response)[0].at("value"), "value");
}

TEST_F(BatchRoutesTest, NumberOfKeysIsBounded) {
  std::string keys = "\"k\"";
  for (int i = 1; i < 1000; ++i) absl::StrAppend(&keys, ",\"k", i, "\"");

  EXPECT_EQ(Results(Post("/v1/keys:multiGet", absl::StrCat("{\"keys\":[", keys, "]}"))).size(),
            1000);
  const RawResponse more =
      Post("/v1/keys:multiGet", absl::StrCat("{\"keys\":[", keys, ",\"one more\"]}"));
  EXPECT_EQ(more.status, 413);
  EXPECT_EQ(CodeOf(more), "BATCH_TOO_LARGE");
  EXPECT_EQ(CodeOf(Post("/v1/keys:multiGet", R"({"keys":[]})")), "BATCH_TOO_LARGE");
}

TEST_F(BatchRoutesTest, BytesOfABatchAreBounded) {
  // Five values of the largest size are more than 16 MiB.
  std::string entries;
  for (int i = 0; i < 5; ++i) {
    absl::StrAppend(&entries, i == 0 ? "" : ",", "{\"key\":\"k", i, "\",\"value\":\"",
                    std::string(limits::kValueSizeBytesMaxDefault, 'v'), "\"}");
  }

  const RawResponse refused =
      Post("/v1/keys:multiSet", absl::StrCat("{\"entries\":[", entries, "]}"));

  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(CodeOf(refused), "BATCH_TOO_LARGE");
  EXPECT_TRUE(backend_.requests().empty());
}

TEST_F(BatchRoutesTest, ValuesThatDoNotFitTheAnswerAreLeftOutAloud) {
  const std::string value(limits::kValueSizeBytesMaxDefault, 'v');
  Put("/v1/keys/large", value);

  const RawResponse response =
      Post("/v1/keys:multiGet", R"({"keys":["large","large","large","large","large","small"]})");

  const boost::json::array results = Results(response);
  ASSERT_EQ(results.size(), 6);
  EXPECT_EQ(results[3].at("found"), true);
  EXPECT_EQ(results[4].at("error").at("code"), "BATCH_TOO_LARGE");
  EXPECT_EQ(results[5].at("found"), false);
}

TEST_F(BatchRoutesTest, BatchesThatAreNoneAreRefused) {
  for (const char* body : {"", "{}", "[]", R"({"keys":"k"})", R"({"keys":[1]})",
                           R"({"keys":["k"],"more":1})", R"({"keys":{"k":1}})"}) {
    EXPECT_EQ(CodeOf(Post("/v1/keys:multiGet", body)), "JSON_INVALID") << body;
  }
  for (const char* body : {R"({"entries":["k"]})", R"({"entries":[{"key":"k"}]})",
                           R"({"entries":[{"key":"k","value":"v","tll":"60s"}]})"}) {
    EXPECT_EQ(CodeOf(Post("/v1/keys:multiSet", body)), "JSON_INVALID") << body;
  }
  EXPECT_EQ(CodeOf(Post("/v1/keys:multiDelete", R"({"keys":["k"]})",
                        {"Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324"})),
            "REQUEST_ID_INVALID");
  EXPECT_TRUE(backend_.requests().empty());
}

}  // namespace
}  // namespace quorumcache::gateway
