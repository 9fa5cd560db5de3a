// SPDX-License-Identifier: Apache-2.0
// Slow clients, with timeouts short enough to wait for. What is waited for is the server's
// reaction.
#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"

namespace quorumcache::http {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(50);

class TimeoutTest : public ServerFixture {
 protected:
  void ExpectTimeoutAnswer(RawClient& client) {
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 408);
    EXPECT_THAT(response->body, testing::HasSubstr("REQUEST_TIMEOUT"));
    EXPECT_TRUE(client.WaitForClose());
    EXPECT_TRUE(requests().empty());
  }
};

TEST_F(TimeoutTest, HeadThatDoesNotEndIsAnswered408) {
  Start({.header_timeout = kShort});
  RawClient client(port());

  client.Send("GET /echo HTTP/1.1\r\nHost: x\r\n");

  ExpectTimeoutAnswer(client);
}

TEST_F(TimeoutTest, HeadThatDripsIsClosedAllTheSame) {
  Start({.idle_timeout = kShort, .header_timeout = 4 * kShort, .linger_timeout = kShort});
  RawClient client(port());
  client.Send("GET /echo HTTP/1.1\r\nHost: x\r\n");

  // Each field is progress, and none of it counts: the head as a whole has its time. The server's
  // closing of idle connections is the clock.
  bool open = true;
  for (int fields = 0; open && fields < 90; ++fields) {
    RawClient idle(port());
    EXPECT_TRUE(idle.WaitForClose());
    open = client.Send("X-A: b\r\n");
  }

  EXPECT_FALSE(open);
  EXPECT_TRUE(requests().empty());
}

TEST_F(TimeoutTest, BodyThatDoesNotComeIsAnswered408) {
  Start({.body_timeout = kShort});
  RawClient client(port());

  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");

  ExpectTimeoutAnswer(client);
}

TEST_F(TimeoutTest, ChunkThatDoesNotComeIsAnswered408) {
  Start({.body_timeout = kShort});
  RawClient client(port());

  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");

  ExpectTimeoutAnswer(client);
}

TEST_F(TimeoutTest, SilentConnectionIsClosedSilently) {
  Start({.idle_timeout = kShort});
  RawClient client(port());

  EXPECT_EQ(client.Read(), std::nullopt);
}

TEST_F(TimeoutTest, IdleConnectionIsClosedAfterItsLastAnswer) {
  Start({.idle_timeout = kShort});
  RawClient client(port());

  EXPECT_EQ(client.Ask("GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n")->body, "1");

  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(TimeoutTest, ReaderThatDoesNotReadIsClosed) {
  const std::string large(size_t{32} << 20, 'x');
  router_.Add(
      {.method = "GET", .pattern = "/large", .handler = [&](HttpRequest, Responder responder) {
         responder.Send({.body = large});
       }});
  Start({.write_timeout = kShort});
  RawClient slow(port());

  // Far more than the socket buffers hold, and nobody reads.
  slow.Send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  while (slow.Send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")) {
  }

  EXPECT_TRUE(requests().empty());
  server_.reset();  // before what its handlers borrow
}

TEST_F(TimeoutTest, HandlerMayTakeLongerThanAnyTimeout) {
  base::Mutex mutex;
  std::vector<Responder> waiting;
  router_.Add(
      {.method = "GET", .pattern = "/wait", .handler = [&](HttpRequest, Responder responder) {
         base::MutexLock lock(mutex);
         waiting.push_back(std::move(responder));
       }});
  Start({.idle_timeout = kShort,
         .header_timeout = kShort,
         .body_timeout = kShort,
         .write_timeout = kShort});
  RawClient patient(port());
  RawClient silent(port());

  patient.Send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  // When this one has timed out, the other would have, too.
  EXPECT_TRUE(silent.WaitForClose());
  RawClient later(port());
  EXPECT_TRUE(later.WaitForClose());
  {
    base::MutexLock lock(mutex);
    ASSERT_EQ(waiting.size(), 1);
    waiting[0].Send({.body = "done"});
  }

  EXPECT_EQ(patient.Read()->body, "done");
  server_.reset();
}

}  // namespace
}  // namespace quorumcache::http
