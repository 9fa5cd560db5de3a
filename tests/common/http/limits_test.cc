// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"

namespace quorumcache::http {
namespace {

using testing::HasSubstr;

class LimitsTest : public ServerFixture {
 protected:
  // The answer's status; 0 when there is none.
  int StatusOf(absl::string_view request) {
    RawClient client(port());
    const auto response = client.Ask(request);
    return response.has_value() ? response->status : 0;
  }
};

std::string GetWithHeader(size_t value_size) {
  return absl::StrCat("GET /echo HTTP/1.1\r\nHost: x\r\nX-A: ", std::string(value_size, 'a'),
                      "\r\n\r\n");
}

TEST_F(LimitsTest, HeaderFieldsUpToTheLimitAndNoFurther) {
  Start({.header_bytes_max = 200});
  // "Host: x", "X-A: ", two line ends and the empty line are 18 bytes.
  EXPECT_EQ(StatusOf(GetWithHeader(182)), 200);

  EXPECT_EQ(StatusOf(GetWithHeader(183)), 431);
}

TEST_F(LimitsTest, MegabyteOfHeadersIsRefusedAloud) {
  Start();

  EXPECT_EQ(StatusOf(GetWithHeader(1 << 20)), 431);

  EXPECT_TRUE(requests().empty());
}

TEST_F(LimitsTest, TooManyFieldsAreRefused) {
  Start();
  std::string request = "GET /echo HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&request, "A: b\r\n");

  EXPECT_EQ(StatusOf(absl::StrCat(request, "\r\n")), 431);
}

TEST_F(LimitsTest, TargetUpToTheLimitAndNoFurther) {
  Start({.target_bytes_max = 50});
  const auto request = [](size_t size) {
    return absl::StrCat("GET /echo?", std::string(size - 6, 'a'), " HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  EXPECT_EQ(StatusOf(request(50)), 200);

  EXPECT_EQ(StatusOf(request(51)), 414);
  EXPECT_EQ(StatusOf(request(1 << 20)), 414);
}

TEST_F(LimitsTest, LongestKeyFullyEncodedFitsTheDefaults) {
  Start();
  std::string encoded;
  for (size_t i = 0; i < limits::kKeySizeBytesMax; ++i) encoded += "%00";

  RawClient client(port());
  const auto response =
      client.Ask(absl::StrCat("GET /keys/", encoded, " HTTP/1.1\r\nHost: x\r\n\r\n"));

  EXPECT_EQ(response->body, std::string(limits::kKeySizeBytesMax, '\0'));
}

TEST_F(LimitsTest, BodyUpToTheLimitOfItsRouteAndNoFurther) {
  Start();
  const std::string put = "PUT /small HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(StatusOf(put + "Content-Length: 8\r\n\r\n12345678"), 200);
  EXPECT_EQ(StatusOf(put + "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\n\r\n"), 200);

  EXPECT_EQ(StatusOf(put + "Content-Length: 9\r\n\r\n123456789"), 413);
  EXPECT_EQ(StatusOf(put + "Content-Length: 999999999999\r\n\r\n"), 413);
  EXPECT_EQ(StatusOf(put + "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n"), 413);
  EXPECT_EQ(
      StatusOf(put + "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n1\r\n9\r\n0\r\n\r\n"),
      413);
  EXPECT_EQ(requests().size(), 2);
}

TEST_F(LimitsTest, ClientThatSendsAllOfALargeBodyStillReadsTheRefusal) {
  Start();
  RawClient client(port());

  const auto response =
      client.Ask(absl::StrCat("PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: ", 4 << 20,
                              "\r\n\r\n", std::string(4 << 20, 'b')));

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 413);
  EXPECT_THAT(response->body, HasSubstr("larger than 8 bytes"));
}

TEST_F(LimitsTest, BodiesOfAllRequestsTogetherAreBounded) {
  Start({.bodies_bytes_max = 100});
  const auto post = [](int size) {
    return absl::StrCat("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ", size, "\r\n\r\n",
                        std::string(size, 'b'));
  };
  EXPECT_EQ(StatusOf(post(100)), 200);

  RawClient client(port());
  const auto response = client.Ask(post(101));

  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->headers.at("retry-after"), "1");
  EXPECT_EQ(StatusOf(post(100)), 200) << "what was refused is still counted";
}

TEST_F(LimitsTest, ConnectionAboveTheLimitIsToldSo) {
  Start({.connection_count_max = 2});
  RawClient first(port());
  auto second = std::make_unique<RawClient>(port());
  // Both are there for certain once they have been answered.
  first.Ask("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  second->Ask("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");

  RawClient third(port());
  const auto refused = third.Read();

  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_THAT(refused->body, HasSubstr("TOO_MANY_CONNECTIONS"));
  EXPECT_TRUE(third.WaitForClose());
  EXPECT_EQ(first.Ask("GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n")->status, 200);
}

}  // namespace
}  // namespace quorumcache::http
