// SPDX-License-Identifier: Apache-2.0
// BatchStreamClient against BatchStreamServer over real gRPC on loopback.
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/stream_fixture.h"

namespace quorumcache::rpc {
namespace {

using model::ReplyStatus;
using testing::HasSubstr;

class BatchStreamTest : public testing::Test {
 protected:
  void TearDown() override { loop_->Drain(); }

  // Starts a client and turns both loops until it is up.
  std::unique_ptr<BatchStreamClient> Connect(FakeNode& node, BatchStreamClientOptions options) {
    auto client = std::make_unique<BatchStreamClient>(*loop_, std::move(options));
    EXPECT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return client->up(); }));
    return client;
  }
  std::unique_ptr<BatchStreamClient> Connect(FakeNode& node) {
    return Connect(node, ClientOptions(node.address()));
  }

  SystemClock clock_;
  std::unique_ptr<EventLoop> loop_ = MakeClientLoop(clock_);
};

TEST_F(BatchStreamTest, RequestsOfOneIterationLeaveInOneMessage) {
  FakeNode node(clock_, NodeHello(), true);
  auto client = Connect(node);
  Replies replies;

  for (uint64_t i = 0; i < 100; ++i) ASSERT_EQ(SendRead(*client, i, replies), ReplyStatus::kOk);
  ASSERT_TRUE(
      TurnUntil({loop_.get(), node.loop()}, [&] { return replies.received.size() == 100; }));

  EXPECT_EQ(node.batch_count(), 1);
  EXPECT_EQ(client->health().batches, 1u);
  EXPECT_EQ(client->in_flight(), 0u);
}

TEST_F(BatchStreamTest, EachReplyComesBackWithItsOwnContext) {
  FakeNode node(clock_, NodeHello(), true);
  auto client = Connect(node);
  Replies replies;

  for (uint64_t i = 0; i < 50; ++i) {
    ASSERT_EQ(SendRead(*client, i, replies, absl::StrCat("key", i)), ReplyStatus::kOk);
  }
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return replies.received.size() == 50; }));

  for (const auto& [operation, reply] : replies.received) {
    EXPECT_EQ(reply.message, absl::StrCat("key", operation));
  }
}

TEST_F(BatchStreamTest, LargeBatchesAreSplitAtTheLimit) {
  FakeNode node(clock_, NodeHello(), true);
  BatchStreamClientOptions options = ClientOptions(node.address());
  options.batch_bytes_max = 10'000;
  auto client = Connect(node, options);
  Replies replies;
  model::Record record{.state = model::RecordState::kValue, .value = std::string(3000, 'v')};
  const wire::AcceptBody body{.ballot = {.hlc = 1}, .record = &record};

  for (uint64_t i = 0; i < 12; ++i) {
    ASSERT_EQ(client->Accept(HeaderFor("k"), body, ReplyContext{i}, replies), ReplyStatus::kOk);
  }
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return replies.received.size() == 12; }));

  EXPECT_EQ(node.batch_count(), 4);
}

TEST_F(BatchStreamTest, WithoutAConnectionNothingIsSent) {
  BatchStreamClient client(*loop_, ClientOptions("127.0.0.1:1"));
  Replies replies;

  EXPECT_EQ(SendRead(client, 1, replies), ReplyStatus::kNotSent);
  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return client.health().breaks >= 2; }));

  EXPECT_FALSE(client.up());
  EXPECT_FALSE(client.health().last_error.ok());
  EXPECT_EQ(SendRead(client, 2, replies), ReplyStatus::kNotSent);
  EXPECT_TRUE(replies.received.empty());
}

TEST_F(BatchStreamTest, ABreakLosesWhatWasSentAndTellsWhatWasNot) {
  FakeNode node(clock_, NodeHello(), false);
  BatchStreamClientOptions options = ClientOptions(node.address());
  int ups = 0, downs = 0;
  options.on_health = [&](bool up) { ++(up ? ups : downs); };
  auto client = Connect(node, options);
  Replies replies;

  ASSERT_EQ(SendRead(*client, 1, replies), ReplyStatus::kOk);
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return node.asked().size() == 1; }));
  // The second one is in the queue when the client is closed: no iteration has flushed it.
  ASSERT_EQ(SendRead(*client, 2, replies), ReplyStatus::kOk);
  client->Close();

  ASSERT_EQ(replies.received.size(), 2u);
  EXPECT_EQ(replies.Count(ReplyStatus::kLost), 1u);
  EXPECT_EQ(replies.Count(ReplyStatus::kNotSent), 1u);
  for (const auto& [operation, reply] : replies.received) {
    EXPECT_EQ(reply.status, operation == 1 ? ReplyStatus::kLost : ReplyStatus::kNotSent);
  }
  EXPECT_EQ(ups, 1);
  EXPECT_EQ(downs, 1);
}

TEST_F(BatchStreamTest, ANodeThatStopsIsNoticedAndFoundAgain) {
  auto node = std::make_unique<FakeNode>(clock_, NodeHello(), false);
  const int port = node->port();
  auto client = Connect(*node);
  Replies replies;

  ASSERT_EQ(SendRead(*client, 1, replies), ReplyStatus::kOk);
  ASSERT_TRUE(TurnUntil({loop_.get(), node->loop()}, [&] { return node->asked().size() == 1; }));
  ASSERT_TRUE(node->Stop({loop_.get()}));
  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return !client->up(); }));
  EXPECT_EQ(replies.Count(ReplyStatus::kLost), 1u);
  node.reset();
  node = std::make_unique<FakeNode>(clock_, NodeHello(), true, port);
  ASSERT_TRUE(TurnUntil({loop_.get(), node->loop()}, [&] { return client->up(); }));

  EXPECT_EQ(SendRead(*client, 2, replies), ReplyStatus::kOk);
  EXPECT_TRUE(TurnUntil({loop_.get(), node->loop()}, [&] { return replies.received.size() == 2; }));
  EXPECT_EQ(client->health().connects, 2u);
}

// A loop that does not turn is what a SIGSTOPped process looks like.
TEST_F(BatchStreamTest, ASilentNodeIsTakenForDead) {
  FakeNode node(clock_, NodeHello(), false);
  auto client = Connect(node);
  Replies replies;

  ASSERT_EQ(SendRead(*client, 1, replies), ReplyStatus::kOk);
  ASSERT_TRUE(TurnUntil({loop_.get()}, [&] { return !client->up(); }));

  EXPECT_EQ(replies.Count(ReplyStatus::kLost), 1u);
  EXPECT_THAT(std::string(client->health().last_error.message()), HasSubstr("no sign of life"));
}

TEST_F(BatchStreamTest, ANodeThatAnswersPingsMayTakeItsTime) {
  FakeNode node(clock_, NodeHello(), false);
  BatchStreamClientOptions options = ClientOptions(node.address());
  options.stall_timeout = absl::Milliseconds(120);
  auto client = Connect(node, options);
  Replies replies;
  ASSERT_EQ(SendRead(*client, 1, replies), ReplyStatus::kOk);

  const base::MonotonicTime start = clock_.Read().monotonic;
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] {
    return clock_.Read().monotonic - start > options.stall_timeout * 5;
  }));

  EXPECT_TRUE(client->up()) << client->health().last_error;
  node.AnswerAll(ReplyStatus::kOk);
  EXPECT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return replies.received.size() == 1; }));
}

TEST_F(BatchStreamTest, AFullQueueRefusesAtOnceAndRecovers) {
  FakeNode node(clock_, NodeHello(), true);
  BatchStreamClientOptions options = ClientOptions(node.address());
  options.queue_requests_max = 10;
  auto client = Connect(node, options);
  Replies replies;

  for (uint64_t i = 0; i < 10; ++i) ASSERT_EQ(SendRead(*client, i, replies), ReplyStatus::kOk);
  EXPECT_EQ(SendRead(*client, 10, replies), ReplyStatus::kOverloaded);
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return replies.received.size() == 10; }));

  EXPECT_EQ(SendRead(*client, 11, replies), ReplyStatus::kOk);
}

TEST_F(BatchStreamTest, TheQueueIsBoundedInBytesButTakesOneLargeValue) {
  FakeNode node(clock_, NodeHello(), true);
  BatchStreamClientOptions options = ClientOptions(node.address());
  options.queue_bytes_max = 1000;
  auto client = Connect(node, options);
  Replies replies;
  model::Record record{.state = model::RecordState::kValue, .value = std::string(5000, 'v')};
  const wire::AcceptBody body{.ballot = {.hlc = 1}, .record = &record};

  EXPECT_EQ(client->Accept(HeaderFor("k"), body, {}, replies), ReplyStatus::kOk);
  EXPECT_EQ(client->Accept(HeaderFor("k"), body, {}, replies), ReplyStatus::kOverloaded);
  EXPECT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return replies.received.size() == 1; }));
}

TEST_F(BatchStreamTest, ANodeOfAnotherClusterIsRefused) {
  FakeNode node(clock_, wire::Hello{.cluster_id = "other", .sender = "n1", .incarnation = 7}, true);
  BatchStreamClient client(*loop_, ClientOptions(node.address()));

  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return client.health().breaks >= 1; }));

  EXPECT_FALSE(client.up());
  EXPECT_THAT(std::string(client.health().last_error.message()), HasSubstr("cluster"));
}

TEST_F(BatchStreamTest, ANodeOfAnotherIncarnationIsRefused) {
  FakeNode node(clock_, wire::Hello{.cluster_id = "c1", .sender = "n1", .incarnation = 8}, true);
  BatchStreamClient client(*loop_, ClientOptions(node.address()));

  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return client.health().breaks >= 1; }));

  EXPECT_FALSE(client.up());
  EXPECT_THAT(std::string(client.health().last_error.message()), HasSubstr("incarnation"));
}

TEST_F(BatchStreamTest, ANodeOfAnotherProtocolVersionIsRefused) {
  wire::Hello hello = NodeHello();
  hello.protocol_version = 2;
  hello.oldest_version = 2;
  FakeNode node(clock_, hello, true);
  BatchStreamClient client(*loop_, ClientOptions(node.address()));

  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return client.health().breaks >= 1; }));

  EXPECT_THAT(std::string(client.health().last_error.message()), HasSubstr("version"));
}

// A rolling upgrade: the node is newer, and still speaks what this process does.
TEST_F(BatchStreamTest, ANewerNodeThatSpeaksOurVersionIsTaken) {
  wire::Hello hello = NodeHello();
  hello.protocol_version = wire::kReplicaProtocolVersion + 1;
  FakeNode node(clock_, hello, true);
  BatchStreamClient client(*loop_, ClientOptions(node.address()));

  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return client.up(); }));

  EXPECT_EQ(client.health().breaks, 0u);
}

TEST_F(BatchStreamTest, TwoClientsGetTheirOwnReplies) {
  FakeNode node(clock_, NodeHello(), false);
  auto first = Connect(node), second = Connect(node);
  Replies first_replies, second_replies;

  ASSERT_EQ(SendRead(*first, 1, first_replies, "a"), ReplyStatus::kOk);
  ASSERT_EQ(SendRead(*second, 2, second_replies, "b"), ReplyStatus::kOk);
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return node.asked().size() == 2; }));
  EXPECT_EQ(node.streams().stream_count(), 2u);
  node.AnswerAll(ReplyStatus::kOk);
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] {
    return first_replies.received.size() + second_replies.received.size() == 2;
  }));

  EXPECT_EQ(first_replies.received.at(0).second.message, "a");
  EXPECT_EQ(second_replies.received.at(0).second.message, "b");
}

// Replies to a stream that has gone meanwhile go nowhere.
TEST_F(BatchStreamTest, LateRepliesToABrokenStreamAreDropped) {
  FakeNode node(clock_, NodeHello(), false);
  auto client = Connect(node);
  Replies replies;

  ASSERT_EQ(SendRead(*client, 1, replies), ReplyStatus::kOk);
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return node.asked().size() == 1; }));
  client->Close();
  ASSERT_TRUE(
      TurnUntil({loop_.get(), node.loop()}, [&] { return node.streams().stream_count() == 0; }));
  node.AnswerAll(ReplyStatus::kOk);

  EXPECT_EQ(replies.Count(ReplyStatus::kLost), 1u);
  EXPECT_EQ(replies.received.size(), 1u);
}

// Everything at once, as in a busy coordinator: many small bursts, all answered, ids reused all the
// time.
TEST_F(BatchStreamTest, ManyBurstsAreAllAnswered) {
  FakeNode node(clock_, NodeHello(), true);
  auto client = Connect(node);
  Replies replies;
  uint64_t sent = 0;

  while (sent < 20'000) {
    for (uint64_t burst = sent % 97; burst > 0; --burst) {
      ASSERT_EQ(SendRead(*client, sent, replies), ReplyStatus::kOk);
      ++sent;
    }
    ++sent;
    ASSERT_EQ(SendRead(*client, sent, replies), ReplyStatus::kOk);
    loop_->RunOnce(base::MonotonicTime());
    node.loop()->RunOnce(base::MonotonicTime());
  }
  ASSERT_TRUE(TurnUntil({loop_.get(), node.loop()}, [&] { return client->in_flight() == 0; }));

  EXPECT_EQ(replies.Count(ReplyStatus::kOk), replies.received.size());
  EXPECT_EQ(client->health().requests, replies.received.size());
  EXPECT_LT(client->health().batches, client->health().requests / 5);
}

}  // namespace
}  // namespace quorumcache::rpc
