// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"

namespace quorumcache::http {
namespace {

constexpr char kWait[] = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr char kEcho[] = "GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n";

class ShutdownTest : public ServerFixture {
 protected:
  ShutdownTest() {
    router_.Add(
        {.method = "GET", .pattern = "/wait", .handler = [this](HttpRequest, Responder responder) {
           base::MutexLock lock(mutex_);
           waiting_ = std::move(responder);
           changed_.NotifyAll();
         }});
  }

  Responder WaitForRequest() {
    base::MutexLock lock(mutex_);
    while (!waiting_.has_value()) changed_.Wait(mutex_);
    Responder responder = *std::move(waiting_);
    waiting_.reset();
    return responder;
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  std::optional<Responder> waiting_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ShutdownTest, RequestUnderWayIsAnsweredThenTheConnectionCloses) {
  Start();
  RawClient client(port());
  RawClient idle(port());
  idle.Ask(kEcho);
  client.Send(kWait);
  const Responder responder = WaitForRequest();

  std::thread stopping([&] { server_->Shutdown(absl::Seconds(30)); });
  EXPECT_TRUE(idle.WaitForClose()) << "idle connections are closed at once";
  responder.Send({.body = "done"});
  const auto response = client.Read();
  EXPECT_TRUE(client.WaitForClose());
  client.ShutdownWrite();
  stopping.join();

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(response->headers.at("connection"), "close");
}

TEST_F(ShutdownTest, RequestThatIsNeverAnsweredDoesNotHoldItUpForEver) {
  Start();
  RawClient client(port());
  client.Send(kWait);
  const Responder responder = WaitForRequest();

  server_->Shutdown(absl::Milliseconds(50));

  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(ShutdownTest, MayBeRepeatedAndFreesThePort) {
  Start();
  const uint16_t port_before = port();

  server_->Shutdown(absl::Seconds(10));
  server_->Shutdown(absl::Seconds(10));

  const auto second = Server::Start({.port = port_before}, router_);
  EXPECT_TRUE(second.ok()) << second.status();
}

TEST_F(ShutdownTest, ServerWithoutAnyRequestStops) {
  Start({.thread_count = 4});

  server_->Shutdown(absl::Seconds(10));
}

}  // namespace
}  // namespace quorumcache::http
