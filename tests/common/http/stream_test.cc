// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"

namespace quorumcache::http {
namespace {

using PushResult = StreamQueue::PushResult;

constexpr char kGet[] = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

// GET /events opens a stream, which the test writes to.
class StreamTest : public ServerFixture {
 protected:
  StreamTest() {
    router_.Add({.method = "GET",
                 .pattern = "/events",
                 .handler = [this](HttpRequest, Responder responder) {
                   HttpResponse head;
                   head.headers.Set("Content-Type", "text/event-stream");
                   ResponseStream stream =
                       responder.StartStream(std::move(head), [this] { OnClosed(); });
                   base::MutexLock lock(mutex_);
                   stream_ = std::move(stream);
                   changed_.NotifyAll();
                 }});
  }
  ~StreamTest() override { server_.reset(); }

  ResponseStream WaitForStream() {
    base::MutexLock lock(mutex_);
    while (!stream_.has_value()) changed_.Wait(mutex_);
    ResponseStream stream = *std::move(stream_);
    stream_.reset();
    return stream;
  }
  void OnClosed() {
    base::MutexLock lock(mutex_);
    ++closed_count_;
    changed_.NotifyAll();
  }
  void WaitForClosed() {
    base::MutexLock lock(mutex_);
    while (closed_count_ == 0) changed_.Wait(mutex_);
  }
  int closed_count() {
    base::MutexLock lock(mutex_);
    return closed_count_;
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  std::optional<ResponseStream> stream_ ABSL_GUARDED_BY(mutex_);
  int closed_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(StreamTest, EventsArriveWhenTheyAreWritten) {
  Start();
  RawClient client(port());
  client.Send(kGet);
  ResponseStream stream = WaitForStream();

  const auto head = client.ReadHead();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(head->headers.at("transfer-encoding"), "chunked");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(stream.Write(absl::StrCat("data: ", i, "\n\n")), PushResult::kQueued);
    EXPECT_TRUE(client.ReadUntil(absl::StrCat("data: ", i, "\n\n"))) << i;
  }
}

TEST_F(StreamTest, FinishedStreamEndsWellFormed) {
  Start();
  RawClient client(port());
  client.Send(kGet);
  ResponseStream stream = WaitForStream();

  stream.Write("one ");
  stream.Write("two");
  stream.Finish();

  EXPECT_EQ(client.Read()->body, "one two");
  EXPECT_EQ(stream.Write("three"), PushResult::kClosed);
  client.ShutdownWrite();
  EXPECT_TRUE(client.WaitForClose());
  EXPECT_EQ(closed_count(), 0);
}

TEST_F(StreamTest, LastCopyGoneEndsTheStream) {
  Start();
  RawClient client(port());
  client.Send(kGet);

  { WaitForStream().Write("bye"); }

  EXPECT_EQ(client.Read()->body, "bye");
}

TEST_F(StreamTest, ClientThatLeavesIsNoticed) {
  Start();
  auto client = std::make_unique<RawClient>(port());
  client->Send(kGet);
  ResponseStream stream = WaitForStream();

  client.reset();
  WaitForClosed();

  EXPECT_EQ(stream.Write("anyone?"), PushResult::kClosed);
  EXPECT_EQ(closed_count(), 1);
}

TEST_F(StreamTest, QueueOfASlowReaderIsBounded) {
  Start();
  RawClient client(port());
  client.Send(kGet);
  ResponseStream stream = WaitForStream();
  const std::string chunk(64 * 1024, 'x');

  // Socket buffers take some megabytes, then the queue fills up.
  PushResult result = PushResult::kQueued;
  for (int i = 0; i < 10'000 && result == PushResult::kQueued; ++i) result = stream.Write(chunk);

  EXPECT_EQ(result, PushResult::kFull);
}

TEST_F(StreamTest, ReaderThatStallsIsGivenUp) {
  Start({.write_timeout = absl::Milliseconds(50)});
  RawClient client(port());
  client.Send(kGet);
  ResponseStream stream = WaitForStream();
  const std::string chunk(64 * 1024, 'x');

  while (stream.Write(chunk) != PushResult::kClosed) {
  }

  WaitForClosed();
}

TEST_F(StreamTest, OldVersionGetsItUntilTheConnectionCloses) {
  Start();
  RawClient client(port());
  client.Send("GET /events HTTP/1.0\r\n\r\n");
  ResponseStream stream = WaitForStream();

  const auto head = client.ReadHead();
  EXPECT_FALSE(head->headers.contains("transfer-encoding"));
  stream.Write("data");
  EXPECT_TRUE(client.ReadUntil("data"));
  stream.Finish();
  client.ShutdownWrite();
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(StreamTest, HeadGetsOnlyTheHead) {
  Start();
  RawClient client(port());
  client.Send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
  ResponseStream stream = WaitForStream();

  EXPECT_EQ(client.Read(/*to_head=*/true)->status, 200);
  WaitForClosed();
  EXPECT_EQ(stream.Write("data"), PushResult::kClosed);
}

TEST_F(StreamTest, ServerThatStopsTellsTheWriter) {
  Start();
  RawClient client(port());
  client.Send(kGet);
  ResponseStream stream = WaitForStream();
  client.ReadHead();

  server_->Shutdown(absl::Seconds(10));

  WaitForClosed();
  EXPECT_EQ(stream.Write("data"), PushResult::kClosed);
}

}  // namespace
}  // namespace quorumcache::http
