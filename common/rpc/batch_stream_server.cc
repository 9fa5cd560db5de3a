// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/batch_stream_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/rpc/grpc_status.h"

namespace quorumcache::rpc {
namespace {

grpc::Status Stopping() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node is stopping");
}

}  // namespace

// One stream, from waiting for it to its last event; belongs to itself, as StreamConnection does.
class BatchStreamServer::Session final : private Flushable {
 public:
  explicit Session(BatchStreamServer& server) : server_(server), stream_(&context_) {
    server_.service_.RequestExchange(&context_, &stream_, &server_.queue_, &server_.queue_,
                                     on_accept_.tag());
  }

  void Append(absl::string_view replies) {
    if (peer_gone_) return;
    pending_.append(replies.data(), replies.size());
    server_.loop_.MarkDirty(*this);
  }
  // Finishes with `status` once what is pending has been written. The first status counts.
  void End(const grpc::Status& status) {
    if (!ending_) status_ = status;
    ending_ = true;
    server_.loop_.MarkDirty(*this);
  }

 private:
  void OnAccept(bool ok) {
    if (!ok) {
      delete this;
      return;
    }
    id_ = server_.sessions_.Add(this);
    server_.stream_count_ = server_.sessions_.size();
    server_.Accept();
    if (server_.closing_) End(Stopping());
    StartRead();
    Landed();
  }

  void StartRead() {
    ++events_under_way_;
    reading_ = true;
    stream_.Read(&incoming_, on_read_.tag());
  }

  void OnRead(bool ok) {
    reading_ = false;
    if (!ok) {
      // Broken, or the peer wants no more; what it still waited for is lost to it, and it knows.
      peer_gone_ = true;
      pending_.clear();
      End(grpc::Status::OK);
    } else if (!ending_) {
      grpc::ByteBuffer message;
      message.Swap(&incoming_);
      Take(std::move(message));
    }
    ReadMore();
    Landed();
  }

  // While a peer does not take its replies, nothing more is read from it.
  void ReadMore() {
    if (reading_ || peer_gone_ || finishing_) return;
    if (pending_.size() > server_.options_.reply_bytes_max) return;
    StartRead();
  }

  void Take(grpc::ByteBuffer message) {
    if (!greeted_) {
      Greet(FlatMessage(message).bytes());
    } else if (message.Length() <= kPingSizeBytes) {
      Answer(FlatMessage(message).bytes());
    } else {
      server_.handler_.OnBatch(id_, std::move(message));
    }
  }

  void Greet(absl::string_view bytes) {
    wire::RequestBatchReader reader(bytes);
    const bool is_hello = reader.Next() == wire::BatchItem::kHello;
    const wire::Hello& own = server_.options_.hello;
    std::string refusal;
    if (!is_hello) {
      refusal = "the first message must be a hello";
    } else if (const auto version = wire::NegotiateVersion(own, reader.hello()); !version.ok()) {
      refusal = std::string(version.status().message());
    } else if (reader.hello().cluster_id != own.cluster_id) {
      refusal = absl::StrCat("this node belongs to cluster ", own.cluster_id, ", not ",
                             reader.hello().cluster_id);
    }
    if (!refusal.empty()) {
      End(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, refusal));
      return;
    }
    greeted_ = true;
    wire::AppendHello(own, &pending_);
    server_.loop_.MarkDirty(*this);
  }

  void Answer(absl::string_view bytes) {
    wire::RequestBatchReader reader(bytes);
    if (reader.Next() != wire::BatchItem::kPing) return;
    wire::AppendPing(reader.ping(), &pending_);
    server_.loop_.MarkDirty(*this);
  }

  void Flush() override {
    if (writing_ || finishing_) return;
    if (!pending_.empty()) {
      writing_ = true;
      ++events_under_way_;
      stream_.Write(ToByteBuffer(std::exchange(pending_, {})), on_write_.tag());
    } else if (ending_) {
      finishing_ = true;
      ++events_under_way_;
      stream_.Finish(status_, on_finish_.tag());
    }
  }

  void OnWrite(bool ok) {
    writing_ = false;
    if (!ok) pending_.clear();  // the stream is broken; the read under way says so
    server_.loop_.MarkDirty(*this);
    ReadMore();
    Landed();
  }

  void OnFinish(bool ok) { Landed(); }

  void Landed() {
    if (--events_under_way_ > 0) return;
    Session* self = nullptr;
    QC_CHECK(server_.sessions_.Take(id_, &self) && self == this);
    server_.stream_count_ = server_.sessions_.size();
    delete this;
  }

  // One field: a tag and 8 bytes. A request with an id is longer.
  static constexpr size_t kPingSizeBytes = 9;

  BatchStreamServer& server_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_;
  StreamId id_ = 0;
  grpc::ByteBuffer incoming_;
  std::string pending_;
  grpc::Status status_;
  int events_under_way_ = 1;  // the accept
  bool greeted_ = false;
  bool peer_gone_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool ending_ = false;
  bool finishing_ = false;

  MemberTag<Session, &Session::OnAccept> on_accept_{this};
  MemberTag<Session, &Session::OnRead> on_read_{this};
  MemberTag<Session, &Session::OnWrite> on_write_{this};
  MemberTag<Session, &Session::OnFinish> on_finish_{this};
};

BatchStreamServer::BatchStreamServer(EventLoop& loop, grpc::ServerCompletionQueue& queue,
                                     ReplicaAsyncService& service, Handler& handler,
                                     Options options)
    : loop_(loop),
      queue_(queue),
      service_(service),
      handler_(handler),
      options_(std::move(options)) {}

BatchStreamServer::~BatchStreamServer() {
  QC_CHECK(sessions_.size() == 0);
}

void BatchStreamServer::Start() {
  Accept();
}

void BatchStreamServer::Accept() {
  if (!closing_) new Session(*this);  // deletes itself
}

void BatchStreamServer::Reply(StreamId stream, absl::string_view replies) {
  if (Session** session = sessions_.Find(stream); session != nullptr) (*session)->Append(replies);
}

void BatchStreamServer::End(StreamId stream, const absl::Status& why) {
  if (Session** session = sessions_.Find(stream); session != nullptr) {
    (*session)->End(ToGrpcStatus(why));
  }
}

void BatchStreamServer::Close() {
  closing_ = true;
  sessions_.ForEach([](Session* session) { session->End(Stopping()); });
}

}  // namespace quorumcache::rpc
