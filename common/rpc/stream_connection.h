// SPDX-License-Identifier: Apache-2.0
// StreamConnection: the mechanics of one Exchange call, from its start to its last event.
//
// gRPC owns the tags of what was started until it hands them back, so a connection outlives its
// owner's interest in it: the owner lets go with Abandon, and the connection deletes itself after
// its last event.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/channel.h"
#include "common/rpc/event_loop.h"

namespace quorumcache::rpc {

// Thread-compatible: everything on the loop's thread.
class StreamConnection {
 public:
  class Owner {
   public:
    // The call has been made: one message may be written.
    virtual void OnConnected() = 0;
    // One message has come. `bytes` is valid during the call. May abandon the connection.
    virtual void OnMessage(absl::string_view bytes) = 0;
    // The message has been handed to the transport; the next one may be written.
    virtual void OnWritten() = 0;
    // It is over, and why: UNAVAILABLE, or what the peer said. Last call.
    virtual void OnBroken(const absl::Status& status) = 0;

   protected:
    ~Owner() = default;
  };

  // Starts the call. The object belongs to itself.
  static StreamConnection* Start(EventLoop& loop, const std::shared_ptr<grpc::Channel>& channel,
                                 Owner& owner);

  // Requires: OnConnected or OnWritten since the last Write.
  void Write(std::string bytes);
  // The owner is not called any more; the call is cancelled. The pointer is dead for the caller.
  void Abandon();

 private:
  StreamConnection(const std::shared_ptr<grpc::Channel>& channel, Owner& owner);
  ~StreamConnection() = default;

  void OnStart(bool ok);
  void OnRead(bool ok);
  void OnWrite(bool ok);
  void OnFinish(bool ok);
  void StartRead();
  // No more reads or writes: asks for the status.
  void Finish();
  // One event has been taken, and what follows from it started: deletes this after the last. A read
  // is under way until one fails; that one starts Finish.
  void Landed();

  Owner* owner_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer incoming_;
  grpc::Status status_;
  int events_under_way_ = 0;

  MemberTag<StreamConnection, &StreamConnection::OnStart> on_start_{this};
  MemberTag<StreamConnection, &StreamConnection::OnRead> on_read_{this};
  MemberTag<StreamConnection, &StreamConnection::OnWrite> on_write_{this};
  MemberTag<StreamConnection, &StreamConnection::OnFinish> on_finish_{this};
};

}  // namespace quorumcache::rpc
