// SPDX-License-Identifier: Apache-2.0
#include "common/http/server.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ServerTest : public ServerFixture {};

TEST_F(ServerTest, RequestReachesItsHandlerWhole) {
  Start();
  RawClient client(port());

  const auto response = client.Ask(
      "POST /echo?a=1&b=%20 HTTP/1.1\r\nHost: x\r\nX-Custom:  some text \r\nContent-Length: "
      "5\r\n\r\n"
      "a\r\nb!");

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "a\r\nb!");
  const HttpRequest request = requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/echo");
  EXPECT_EQ(request.query, "a=1&b=%20");
  EXPECT_EQ(request.headers.Find("x-custom"), "some text");
  EXPECT_THAT(request.peer, StartsWith("127.0.0.1:"));
}

TEST_F(ServerTest, ConnectionServesManyRequests) {
  Start();
  RawClient client(port());

  for (int i = 0; i < 100; ++i) {
    const auto response = client.Ask(absl::StrCat("GET /echo?", i, " HTTP/1.1\r\nHost: x\r\n\r\n"));
    ASSERT_TRUE(response.has_value()) << i;
    EXPECT_EQ(response->body, absl::StrCat(i));
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&requests, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
                    100 + i);
  }

  client.Send(requests);

  for (int i = 0; i < 100; ++i) {
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << i;
    EXPECT_EQ(response->body, absl::StrCat(100 + i));
  }
}

TEST_F(ServerTest, RequestInSinglePiecesIsTheSameRequest) {
  Start();
  RawClient client(port());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=\"v\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";

  for (const char c : request) ASSERT_TRUE(client.Send(absl::string_view(&c, 1)));

  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "abc0123456789");
  EXPECT_EQ(requests().at(0).headers.Find("Trailer"), std::nullopt);
  EXPECT_EQ(client.Ask("GET /echo?next HTTP/1.1\r\nHost: x\r\n\r\n")->body, "next");
}

TEST_F(ServerTest, HeadHasTheHeadersOfGetAndNoBody) {
  Start();
  RawClient client(port());

  client.Send("HEAD /echo?12345 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto response = client.Read(/*to_head=*/true);

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->headers.at("content-length"), "5");
  EXPECT_EQ(client.Ask("GET /echo?next HTTP/1.1\r\nHost: x\r\n\r\n")->body, "next");
}

TEST_F(ServerTest, ClientThatExpectsContinueGetsItBeforeTheBody) {
  Start();
  RawClient client(port());

  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  const auto interim = client.Read(false, /*keep_interim=*/true);
  ASSERT_TRUE(interim.has_value());
  EXPECT_EQ(interim->status, 100);
  client.Send("body");

  EXPECT_EQ(client.Read()->body, "body");
}

TEST_F(ServerTest, RefusedBodyIsNotAskedFor) {
  Start();
  RawClient client(port());

  client.Send(
      "PUT /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  const auto response = client.Read(false, /*keep_interim=*/true);

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 413);
}

TEST_F(ServerTest, EmptyLineBeforeARequestIsSkipped) {
  Start();
  RawClient client(port());

  EXPECT_EQ(client.Ask("\r\nGET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n")->body, "1");
}

TEST_F(ServerTest, AbsoluteTargetIsReadAsItsPath) {
  Start();
  RawClient client(port());

  EXPECT_EQ(client.Ask("GET http://x:1/echo?1 HTTP/1.1\r\nHost: x\r\n\r\n")->body, "1");
}

TEST_F(ServerTest, OldVersionClosesUnlessAskedNotTo) {
  Start();
  RawClient keeping(port());
  RawClient closing(port());

  const auto kept = keeping.Ask("GET /echo?1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept->headers.at("connection"), "keep-alive");
  EXPECT_EQ(keeping.Ask("GET /echo?2 HTTP/1.0\r\n\r\n")->body, "2");
  EXPECT_TRUE(keeping.WaitForClose());

  EXPECT_EQ(closing.Ask("GET /echo?1 HTTP/1.0\r\n\r\n")->headers.at("connection"), "close");
  EXPECT_TRUE(closing.WaitForClose());
}

TEST_F(ServerTest, ConnectionCloseIsHonoured) {
  Start();
  RawClient client(port());

  const auto response = client.Ask("GET /echo?1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(ServerTest, HalfClosedClientStillGetsItsAnswer) {
  Start();
  RawClient client(port());

  client.Send("GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ShutdownWrite();

  EXPECT_EQ(client.Read()->body, "1");
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(ServerTest, RequestIdIsEchoedOrMade) {
  Start();
  RawClient client(port());
  const auto ask = [&](absl::string_view header) {
    return client.Ask(absl::StrCat("GET /echo HTTP/1.1\r\nHost: x\r\n", header, "\r\n"))
        ->headers.at("x-request-id");
  };

  EXPECT_EQ(ask("X-Request-Id: my-id.1\r\n"), "my-id.1");
  const std::string first = ask("");
  const std::string second = ask(absl::StrCat("X-Request-Id: ", std::string(129, 'a'), "\r\n"));
  EXPECT_EQ(first.size(), 32);
  EXPECT_EQ(second.size(), 32);
  EXPECT_NE(first, second);
  EXPECT_NE(ask("X-Request-Id: <script>\r\n"), "<script>");
}

TEST_F(ServerTest, UnknownPathAndMethodKeepTheConnection) {
  Start();
  RawClient client(port());

  const auto missing = client.Ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->headers.at("content-type"), "application/problem+json");
  const auto wrong = client.Ask("DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->headers.at("allow"), "GET, HEAD, POST");
  const auto encoding = client.Ask("GET /keys/%zz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(encoding->status, 400);
  EXPECT_THAT(encoding->body, HasSubstr("BAD_ENCODING"));
  EXPECT_TRUE(requests().empty());
  EXPECT_EQ(client.Ask("GET /keys/a%00%2Fb HTTP/1.1\r\nHost: x\r\n\r\n")->body,
            std::string("a\0/b", 4));
}

TEST_F(ServerTest, SeveralThreadsServeSeveralConnections) {
  Start({.thread_count = 3});
  std::vector<std::unique_ptr<RawClient>> clients;

  for (int i = 0; i < 12; ++i) clients.push_back(std::make_unique<RawClient>(port()));
  for (int i = 0; i < 12; ++i) {
    clients[i]->Send(absl::StrCat("GET /echo?", i, " HTTP/1.1\r\nHost: x\r\n\r\n"));
  }

  for (int i = 0; i < 12; ++i) EXPECT_EQ(clients[i]->Read()->body, absl::StrCat(i));
}

TEST_F(ServerTest, PortInUseIsNamedWithWhatToDo) {
  Start();

  const auto second = Server::Start({.port = port()}, router_);

  EXPECT_THAT(second.status(),
              support::StatusIs(absl::StatusCode::kUnavailable,
                                testing::AllOf(HasSubstr(absl::StrCat("127.0.0.1:", port())),
                                               HasSubstr("choose another port"))));
}

TEST_F(ServerTest, AddressOfAnotherMachineIsAnError) {
  EXPECT_THAT(Server::Start({.host = "192.0.2.1"}, router_).status(),
              support::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("192.0.2.1")));
  EXPECT_THAT(Server::Start({.host = "no address"}, router_).status(),
              support::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no address")));
}

}  // namespace
}  // namespace quorumcache::http
