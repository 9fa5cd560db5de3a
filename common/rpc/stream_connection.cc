// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/stream_connection.h"

#include <utility>

#include "common/rpc/grpc_status.h"

namespace quorumcache::rpc {
namespace {

constexpr char kExchangeMethod[] = "/quorumcache.internal.v1.ReplicaService/Exchange";

}  // namespace

StreamConnection::StreamConnection(const std::shared_ptr<grpc::Channel>& channel, Owner& owner)
    : owner_(&owner), stub_(channel) {}

StreamConnection* StreamConnection::Start(EventLoop& loop,
                                          const std::shared_ptr<grpc::Channel>& channel,
                                          Owner& owner) {
  auto* connection = new StreamConnection(channel, owner);  // deletes itself in Landed
  // A refused connection must fail at once: the backoff is the owner's.
  connection->context_.set_wait_for_ready(false);
  connection->stream_ =
      connection->stub_.PrepareCall(&connection->context_, kExchangeMethod, loop.queue());
  ++connection->events_under_way_;
  connection->stream_->StartCall(connection->on_start_.tag());
  return connection;
}

void StreamConnection::Landed() {
  if (--events_under_way_ == 0) delete this;
}

void StreamConnection::OnStart(bool ok) {
  if (!ok) {
    Finish();
  } else if (owner_ != nullptr) {
    StartRead();
    owner_->OnConnected();
  }
  Landed();
}

void StreamConnection::StartRead() {
  ++events_under_way_;
  stream_->Read(&incoming_, on_read_.tag());
}

void StreamConnection::OnRead(bool ok) {
  if (!ok) {
    Finish();
  } else if (owner_ != nullptr) {
    const FlatMessage message(incoming_);
    incoming_.Clear();
    StartRead();
    owner_->OnMessage(message.bytes());
  }
  Landed();
}

void StreamConnection::Write(std::string bytes) {
  ++events_under_way_;
  stream_->Write(ToByteBuffer(std::move(bytes)), on_write_.tag());
}

void StreamConnection::OnWrite(bool ok) {
  if (!ok) {
    // The call is over. The read under way fails with it and asks why: Finish beside a first read
    // that is still out would receive the initial metadata twice, which gRPC forbids.
    context_.TryCancel();
  } else if (owner_ != nullptr) {
    owner_->OnWritten();
  }
  Landed();
}

void StreamConnection::Finish() {
  if (owner_ == nullptr) return;  // nobody asks why, and the queue may be shutting down
  ++events_under_way_;
  stream_->Finish(&status_, on_finish_.tag());
}

void StreamConnection::OnFinish(bool ok) {
  if (owner_ != nullptr) {
    absl::Status status = FromGrpcStatus(status_);
    if (status.ok()) status = absl::UnavailableError("the node ended the stream");
    std::exchange(owner_, nullptr)->OnBroken(status);
  }
  Landed();
}

void StreamConnection::Abandon() {
  owner_ = nullptr;
  context_.TryCancel();
}

}  // namespace quorumcache::rpc
