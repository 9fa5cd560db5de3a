// SPDX-License-Identifier: Apache-2.0
#include "common/http/responder.h"

#include <thread>

#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"

namespace quorumcache::http {
namespace {

using testing::HasSubstr;

constexpr char kGet[] = "GET /later HTTP/1.1\r\nHost: x\r\nX-Request-Id: id-1\r\n\r\n";

class ResponderTest : public ServerFixture {
 protected:
  void OnLater(HttpHandler handler) {
    router_.Add({.method = "GET", .pattern = "/later", .handler = std::move(handler)});
    Start();
  }
};

TEST_F(ResponderTest, AnswerMayComeFromAnotherThread) {
  std::thread worker;
  OnLater([&](HttpRequest, Responder responder) {
    worker = std::thread([responder] { responder.Send({.status = 201, .body = "from afar"}); });
  });
  RawClient client(port());

  const auto response = client.Ask(kGet);
  worker.join();

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "from afar");
}

TEST_F(ResponderTest, AnswerMayBeMadeOnTheServersThread) {
  std::thread::id serving;
  std::thread::id making;
  std::thread worker;
  OnLater([&](HttpRequest, Responder responder) {
    serving = std::this_thread::get_id();
    worker = std::thread([responder, &making] {
      responder.SendFrom([&making] {
        making = std::this_thread::get_id();
        return HttpResponse{.body = "made here"};
      });
    });
  });
  RawClient client(port());

  const auto response = client.Ask(kGet);
  worker.join();
  server_.reset();

  EXPECT_EQ(response->body, "made here");
  EXPECT_EQ(making, serving);
}

TEST_F(ResponderTest, DroppedRequestIsAnInternalErrorOfUnknownOutcome) {
  OnLater([](HttpRequest, Responder) {});
  RawClient client(port());

  const auto response = client.Ask(kGet);

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 500);
  EXPECT_THAT(response->body, HasSubstr("\"code\":\"HANDLER_DROPPED_REQUEST\""));
  EXPECT_THAT(response->body, HasSubstr("\"outcome\":\"unknown\""));
  EXPECT_THAT(response->body, HasSubstr("\"request_id\":\"id-1\""));
  EXPECT_EQ(client.Ask(kGet)->status, 500) << "the connection goes on";
}

TEST_F(ResponderTest, AnswerToAClientThatIsGoneIsThrownAway) {
  base::Mutex mutex;
  base::CondVar arrived;
  std::optional<Responder> kept;
  OnLater([&](HttpRequest, Responder responder) {
    base::MutexLock lock(mutex);
    kept = std::move(responder);
    arrived.NotifyAll();
  });
  {
    RawClient client(port());
    client.Send(kGet);
    base::MutexLock lock(mutex);
    while (!kept.has_value()) arrived.Wait(mutex);
  }

  kept->Send({.body = "too late"});

  RawClient next(port());
  EXPECT_EQ(next.Ask("GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n")->body, "1");
}

TEST_F(ResponderTest, AnswerAfterTheServerIsGoneIsThrownAway) {
  base::Mutex mutex;
  base::CondVar arrived;
  std::optional<Responder> kept;
  OnLater([&](HttpRequest, Responder responder) {
    base::MutexLock lock(mutex);
    kept = std::move(responder);
    arrived.NotifyAll();
  });
  RawClient client(port());
  client.Send(kGet);
  {
    base::MutexLock lock(mutex);
    while (!kept.has_value()) arrived.Wait(mutex);
  }

  server_.reset();
  kept->Send({.body = "too late"});
  kept.reset();

  EXPECT_EQ(client.Read(), std::nullopt);
}

TEST_F(ResponderTest, HeaderValueCannotEndItsField) {
  OnLater([](HttpRequest, Responder responder) {
    HttpResponse response;
    response.headers.Set("Content-Type", "text/plain\r\nX-Injected: 1");
    responder.Send(std::move(response));
  });
  RawClient client(port());

  const auto response = client.Ask(kGet);

  EXPECT_FALSE(response->headers.contains("x-injected"));
  EXPECT_EQ(response->headers.at("content-type"), "text/plain??X-Injected: 1");
}

TEST_F(ResponderTest, AnswerWithoutBodyHasNoLength) {
  OnLater([](HttpRequest, Responder responder) { responder.Send({.status = 204, .body = "no"}); });
  RawClient client(port());

  const auto response = client.Ask(kGet);

  EXPECT_FALSE(response->headers.contains("content-length"));
  EXPECT_EQ(client.Ask("GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n")->body, "1");
}

class NullSink : public ResponseSink {
 public:
  void Answer(HttpResponse) override {}
  void AnswerFrom(std::function<HttpResponse()>) override {}
  void BeginStream(HttpResponse, std::shared_ptr<StreamQueue>) override {}
  void WakeStream() override {}
};

TEST(ResponderDeathTest, SecondAnswerIsABug) {
  const Responder responder(std::make_shared<NullSink>(), "id");
  responder.Send({});

  EXPECT_DEATH(responder.Send({}), "check failed");
}

}  // namespace
}  // namespace quorumcache::http
