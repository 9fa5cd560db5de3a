// SPDX-License-Identifier: Apache-2.0
// A storage node's end of the streams without a storage node, and a coordinator's end without a
// coordinator.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/batch_stream_client.h"
#include "common/rpc/batch_stream_server.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/loop_fixture.h"

namespace quorumcache::rpc {

// Keeps what it is asked; answers what the test lets it answer.
class FakeNode final : private BatchStreamServer::Handler {
 public:
  struct Asked {
    BatchStreamServer::StreamId stream = 0;
    uint64_t id = 0;
    std::string key;
  };

  // `port` 0: any. `answer_at_once`: every request gets kOk.
  FakeNode(const base::Clock& clock, wire::Hello hello, bool answer_at_once, int port = 0)
      : answer_at_once_(answer_at_once) {
    ServerOptions options;
    options.listen_address = absl::StrCat("127.0.0.1:", port);
    options.services = {&service_};
    server_ = Server::Start(options).value();
    loop_ = std::make_unique<EventLoop>(server_->TakeQueue(), clock);
    streams_ = std::make_unique<BatchStreamServer>(
        *loop_, server_->queue(), service_, static_cast<BatchStreamServer::Handler&>(*this),
        BatchStreamServer::Options{.hello = std::move(hello)});
    streams_->Start();
  }
  ~FakeNode() { EXPECT_TRUE(Stop({})); }

  // As a process that ends: streams are told, or cut.
  bool Stop(std::initializer_list<EventLoop*> others) {
    if (stopped_) return true;
    stopped_ = true;
    streams_->Close();
    return ShutDown(*server_, *loop_, others);
  }

  void AnswerAll(model::ReplyStatus status) {
    for (const Asked& asked : std::exchange(asked_, {})) Answer(asked, status);
  }
  void Answer(const Asked& asked, model::ReplyStatus status) {
    std::string bytes;
    model::ReplicaReply reply;
    reply.status = status;
    reply.message = asked.key;
    wire::AppendReply(asked.id, reply, &bytes);
    streams_->Reply(asked.stream, bytes);
  }

  EventLoop* loop() { return loop_.get(); }
  BatchStreamServer& streams() { return *streams_; }
  const std::vector<Asked>& asked() const { return asked_; }
  int batch_count() const { return batch_count_; }
  int malformed_count() const { return malformed_count_; }
  int port() const { return server_->port(); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port()); }

 private:
  void OnBatch(BatchStreamServer::StreamId stream, grpc::ByteBuffer batch) override {
    ++batch_count_;
    const FlatMessage message(batch);
    wire::RequestBatchReader reader(message.bytes());
    wire::BatchItem item;
    while ((item = reader.Next()) == wire::BatchItem::kMessage) {
      asked_.push_back(Asked{stream, reader.id(), reader.request().key.bytes});
    }
    if (item == wire::BatchItem::kMalformed) ++malformed_count_;
    if (answer_at_once_) AnswerAll(model::ReplyStatus::kOk);
  }

  const bool answer_at_once_;
  ReplicaAsyncService service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<BatchStreamServer> streams_;
  std::vector<Asked> asked_;
  int batch_count_ = 0;
  int malformed_count_ = 0;
  bool stopped_ = false;
};

// Collects replies.
class Replies final : public ReplyHandler {
 public:
  void OnReply(const ReplyContext& context, model::ReplicaReply reply) override {
    received.emplace_back(context.operation, std::move(reply));
  }
  size_t Count(model::ReplyStatus status) const {
    size_t count = 0;
    for (const auto& [operation, reply] : received) count += reply.status == status;
    return count;
  }
  std::vector<std::pair<uint64_t, model::ReplicaReply>> received;
};

inline BatchStreamClientOptions ClientOptions(const std::string& address) {
  BatchStreamClientOptions options;
  options.address = address;
  options.cluster_id = "c1";
  options.sender = "test";
  options.incarnation = 7;
  return options;
}

inline wire::Hello NodeHello() {
  return wire::Hello{.cluster_id = "c1", .sender = "n1", .incarnation = 7};
}

inline wire::RequestHeader HeaderFor(absl::string_view key) {
  return wire::RequestHeader{.timeout_ms = 1000, .namespace_name = "default", .key = key};
}

// Sends a read; gives what Read gives.
inline model::ReplyStatus SendRead(BatchStreamClient& client, uint64_t operation, Replies& replies,
                                   absl::string_view key = "k") {
  return client.Read(HeaderFor(key), model::ReadRequest{}, ReplyContext{.operation = operation},
                     replies);
}

}  // namespace quorumcache::rpc
