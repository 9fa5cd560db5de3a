// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <thread>
#include <vector>

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

TEST_F(ShutdownTest, AnnouncedItServesAndClosesEachConnectionAfterItsAnswer) {
  Start();
  RawClient kept(port());
  ASSERT_EQ(kept.Ask(kEcho)->headers.count("connection"), 0u);

  server_->AnnounceShutdown();
  const auto response = kept.Ask(kEcho);
  kept.ShutdownWrite();
  RawClient late(port());
  const auto late_response = late.Ask(kEcho);
  late.ShutdownWrite();

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(kept.WaitForClose());
  ASSERT_TRUE(late_response.has_value()) << "new connections are still served";
  EXPECT_EQ(late_response->headers.at("connection"), "close");
}

TEST_F(ShutdownTest, ConnectionMadeBeforeItIsServedWhenItsRequestComesAfter) {
  Start({.thread_count = 2});
  RawClient busy(port());
  busy.Send(kWait);
  const Responder responder = WaitForRequest();
  std::vector<std::unique_ptr<RawClient>> fresh;
  for (int i = 0; i < 8; ++i) fresh.push_back(std::make_unique<RawClient>(port()));

  std::thread stopping([&] { server_->Shutdown(absl::Seconds(30)); });
  int answered = 0;
  for (const auto& client : fresh) {
    const auto response = client->Ask(kEcho);
    if (response.has_value() && response->status == 200) ++answered;
    client->ShutdownWrite();
  }
  responder.Send({.body = "done"});
  busy.ShutdownWrite();
  stopping.join();

  EXPECT_EQ(answered, 8);
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
